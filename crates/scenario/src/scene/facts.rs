//! The accounts of a scene, and the other facts that no file line makes.

use super::{Entry, Scene};
use crate::base;
use crate::spec::{Change, ShadowFields};
use crate::words;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use sshwhy_world::account::PasswordField;
use sshwhy_world::resolve::join;
use sshwhy_world::{Account, Daemon, Group, Kind, MacDenial, Node, Sandbox, Shadow};

/// A shadow(5) entry with its password field. Days; -1 is an empty field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowLine {
    /// The password field, made up: `*`, `!`, empty.
    pub password: Vec<u8>,
    /// Last change, min, max, warn, inactive and expire, in the file's order.
    pub days: [i64; 6],
}

impl Default for ShadowLine {
    fn default() -> Self {
        ShadowLine {
            password: b"*".to_vec(),
            days: [20_000, 0, 99_999, 7, -1, -1],
        }
    }
}

impl ShadowLine {
    fn set(&mut self, fields: &ShadowFields) {
        if let Some(password) = &fields.password {
            self.password.clone_from(password);
        }
        let values = [
            fields.last,
            fields.min,
            fields.max,
            fields.warn,
            fields.inactive,
            fields.expire,
        ];
        for (day, value) in self.days.iter_mut().zip(values) {
            *day = value.unwrap_or(*day);
        }
    }

    pub(super) fn world(&self) -> Shadow {
        let [last_change, min, max, warn, inactive, expire] = self.days;
        let password = PasswordField::of(&self.password);
        Shadow {
            password,
            last_change,
            min,
            max,
            warn,
            inactive,
            expire,
        }
    }
}

impl Scene {
    /// Changes that touch no file.
    pub(super) fn apply_fact(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Account { name, fields } => {
                if !self.accounts.iter().any(|a| a.name == *name) {
                    let uid = fields.uid.ok_or_else(|| {
                        format!("'{}' is new: uid=N is needed", words::text(name))
                    })?;
                    let gid = fields.gid.unwrap_or(uid);
                    if !self.groups.iter().any(|g| g.gid == gid) {
                        let group = Group {
                            name: name.clone(),
                            gid,
                            members: Vec::new(),
                        };
                        self.groups.push(group);
                    }
                    self.accounts.push(Account {
                        name: name.clone(),
                        password: PasswordField::Shadowed,
                        uid,
                        gid,
                        home: join(b"/home", name),
                        shell: b"/bin/bash".to_vec(),
                    });
                    self.shadow.push((name.clone(), ShadowLine::default()));
                }
                let Some(account) = self.accounts.iter_mut().find(|a| a.name == *name) else {
                    return Ok(());
                };
                account.uid = fields.uid.unwrap_or(account.uid);
                account.gid = fields.gid.unwrap_or(account.gid);
                if let Some(home) = &fields.home {
                    account.home.clone_from(home);
                }
                if let Some(shell) = &fields.shell {
                    account.shell.clone_from(shell);
                }
                if let Some(password) = &fields.password {
                    account.password = PasswordField::of(password);
                    self.password_fields.insert(name.clone(), password.clone());
                }
            }
            Change::NoAccount { name } => {
                self.accounts.retain(|a| a.name != *name);
                self.shadow.retain(|(n, _)| n != name);
            }
            Change::Shadow { name, fields } => {
                match self.shadow.iter_mut().find(|(n, _)| n == name) {
                    Some((_, line)) => line.set(fields),
                    None => {
                        let mut line = ShadowLine::default();
                        line.set(fields);
                        self.shadow.push((name.clone(), line));
                    }
                }
            }
            Change::NoShadow { name } => self.shadow.retain(|(n, _)| n != name),
            Change::Group { name, gid, members } => {
                if !self.groups.iter().any(|g| g.name == *name) {
                    let gid = gid.ok_or_else(|| {
                        format!("group '{}' is new: gid=N is needed", words::text(name))
                    })?;
                    self.groups.push(Group {
                        name: name.clone(),
                        gid,
                        members: Vec::new(),
                    });
                }
                if let Some(group) = self.groups.iter_mut().find(|g| g.name == *name) {
                    group.gid = gid.unwrap_or(group.gid);
                    if let Some(members) = members {
                        group.members.clone_from(members);
                    }
                }
            }
            Change::NoGroup { name } => self.groups.retain(|g| g.name != *name),
            Change::Name { addr, host } => {
                self.names.insert(*addr, host.clone());
            }
            Change::Daemon(fields) => {
                self.daemon = Some(Daemon {
                    listening: fields.listening,
                    config_read_at: fields.config_read,
                    pid: fields.listening.then_some(1),
                    binary_replaced: fields.replaced,
                    ..Daemon::default()
                });
            }
            Change::Mac {
                path,
                mode,
                have,
                want,
            } => {
                let denial = MacDenial {
                    mode: *mode,
                    have: have.clone(),
                    want: want.clone(),
                    log: None,
                    enforcing: true,
                };
                self.mac.insert(path.clone(), denial);
            }
            Change::Sandbox { path, setting } => {
                let file = b"/lib/systemd/system/ssh.service".to_vec();
                let setting = setting.clone();
                self.sandbox.insert(
                    path.clone(),
                    Sandbox {
                        setting,
                        file,
                        line: 12,
                    },
                );
            }
            Change::Gap { what } => {
                self.gaps.insert(what.clone());
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes the account files, unless the specification wrote them itself: then they are read.
    pub(super) fn finish(&mut self) {
        let mut files: [(&str, u32, u32, Vec<u8>); 4] = [
            ("/etc/passwd", 0o644, 0, Vec::new()),
            ("/etc/group", 0o644, 0, Vec::new()),
            ("/etc/shadow", 0o640, 42, Vec::new()),
            ("/etc/hosts", 0o644, 0, b"127.0.0.1 localhost\n".to_vec()),
        ];
        let [
            (_, _, _, passwd),
            (_, _, _, group),
            (_, _, _, shadow),
            (_, _, _, hosts),
        ] = &mut files;
        for a in &self.accounts {
            let x = b"x".to_vec();
            let password = self.password_fields.get(&a.name).unwrap_or(&x);
            let (uid, gid) = (format!("{}", a.uid), format!("{}", a.gid));
            let fields: [&[u8]; 7] = [
                &a.name,
                password,
                uid.as_bytes(),
                gid.as_bytes(),
                b"",
                &a.home,
                &a.shell,
            ];
            passwd.extend_from_slice(&fields.join(&b':'));
            passwd.push(b'\n');
        }
        for g in &self.groups {
            let gid = format!("{}", g.gid);
            let members = g.members.join(&b',');
            let fields: [&[u8]; 4] = [&g.name, b"x", gid.as_bytes(), &members];
            group.extend_from_slice(&fields.join(&b':'));
            group.push(b'\n');
        }
        for (name, line) in &self.shadow {
            shadow.extend_from_slice(name);
            shadow.push(b':');
            shadow.extend_from_slice(&line.password);
            for day in line.days {
                let field = if day < 0 {
                    String::new()
                } else {
                    format!("{day}")
                };
                shadow.extend_from_slice(format!(":{field}").as_bytes());
            }
            shadow.extend_from_slice(b":\n");
        }
        for (addr, host) in &self.names {
            hosts.extend_from_slice(format!("{addr} ").as_bytes());
            hosts.extend_from_slice(host);
            hosts.push(b'\n');
        }
        for (path, mode, gid, content) in files {
            if !self.written.contains(path.as_bytes()) && !self.removed.contains(path.as_bytes()) {
                let node = Node::new(Kind::File, mode, 0, gid);
                self.tree.insert(
                    path.into(),
                    Entry {
                        node,
                        content,
                        given: false,
                    },
                );
            }
        }
        let lines = |path: &[u8]| -> Option<Vec<Vec<u8>>> {
            let own = self.written.contains(path) || self.removed.contains(path);
            own.then(|| {
                let content = self.tree.get(path).map_or(&b""[..], |e| &e.content);
                content.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect()
            })
        };
        let (passwd, group, shadow) = (
            lines(b"/etc/passwd"),
            lines(b"/etc/group"),
            lines(b"/etc/shadow"),
        );
        if let Some(lines) = passwd {
            self.accounts = lines.iter().filter_map(|l| Account::from_line(l)).collect();
        }
        if let Some(lines) = group {
            self.groups = lines.iter().filter_map(|l| Group::from_line(l)).collect();
        }
        if let Some(lines) = shadow {
            self.shadow = lines.iter().filter_map(|l| shadow_line(l)).collect();
        }
        for entry in self.tree.values_mut() {
            entry.node.size = u64::try_from(entry.content.len()).unwrap_or(u64::MAX);
            entry.node.mtime = base::CHANGED;
        }
    }
}

fn shadow_line(line: &[u8]) -> Option<(Vec<u8>, ShadowLine)> {
    let (name, s) = Shadow::from_line(line)?;
    let password = line
        .split(|&b| b == b':')
        .nth(1)
        .unwrap_or_default()
        .to_vec();
    let days = [s.last_change, s.min, s.max, s.warn, s.inactive, s.expire];
    Some((name, ShadowLine { password, days }))
}
