//! Mandatory access control: whether SELinux or AppArmor keeps sshd from a file.

use crate::logs;
use crate::tree::{Tree, show};
use regex::bytes::RegexBuilder;
use sshwhy_world::resolve::{self, parent};
use sshwhy_world::{Errno, Fact, Gap, Kind, MacDenial, MacMode, Node};
use std::cell::OnceCell;
use std::{fs, io};

const TYPES: &str = include_str!("selinux_types.txt");
const UNLABELED: &[u8] = b"system_u:object_r:unlabeled_t:s0";
const MAX_POLICY: usize = 64 << 20;

/// Whether SELinux rules here, and how its policy labels files.
struct SeLinux {
    /// The policy is in force here, and not one on a mounted disk.
    live: bool,
    enforcing: bool,
    /// All files get the policy's labels at the next boot.
    relabel: bool,
    contexts: Contexts,
}

/// What is known of mandatory access control, looked at when it is first asked for.
#[derive(Default)]
pub(crate) struct Mac {
    live: bool,
    selinux: OnceCell<Option<SeLinux>>,
    apparmor: OnceCell<Option<(String, bool)>>,
}

impl Mac {
    pub(crate) fn new(live: bool) -> Mac {
        Mac {
            live,
            ..Mac::default()
        }
    }

    /// Whether SELinux is on, so that nodes need their labels.
    pub(crate) fn has_labels(&self, tree: &Tree) -> bool {
        self.selinux(tree).is_some()
    }

    /// Whether any mandatory access control is on: then the logs are worth a look.
    pub(crate) fn is_on(&self, tree: &Tree) -> bool {
        self.has_labels(tree) || self.apparmor().is_some()
    }

    fn selinux(&self, tree: &Tree) -> Option<&SeLinux> {
        let load = || {
            let config = tree
                .system_file(b"/etc/selinux/config", 1 << 16)
                .unwrap_or_default();
            let value = |key: &[u8]| {
                config
                    .split(|&b| b == b'\n')
                    .filter_map(|l| l.trim_ascii().strip_prefix(key)?.strip_prefix(b"="))
                    .next_back()
                    .map(|v| v.trim_ascii().to_ascii_lowercase())
            };
            let enforcing = if self.live {
                fs::read("/sys/fs/selinux/enforce").ok()?.starts_with(b"1")
            } else {
                match value(b"SELINUX")?.as_slice() {
                    b"enforcing" => true,
                    b"permissive" => false,
                    _ => return None,
                }
            };
            let policy = value(b"SELINUXTYPE").unwrap_or_else(|| b"targeted".to_vec());
            let dir = [b"/etc/selinux/", policy.as_slice(), b"/contexts/files/"].concat();
            Some(SeLinux {
                live: self.live,
                enforcing,
                relabel: !self.live && tree.exists(b"/.autorelabel"),
                contexts: Contexts::read(tree, &dir),
            })
        };
        self.selinux.get_or_init(load).as_ref()
    }

    /// AppArmor's profile for sshd, and whether it enforces.
    fn apparmor(&self) -> Option<&(String, bool)> {
        let load = || {
            if !self.live {
                return None;
            }
            let profiles = fs::read_to_string("/sys/kernel/security/apparmor/profiles").ok()?;
            profiles.lines().find_map(|line| {
                let (name, mode) = line.rsplit_once(" (")?;
                let own =
                    name == "sshd" || name.ends_with("/sshd") || name.ends_with("/sshd-session");
                (own && !name.contains("//")).then(|| (name.to_owned(), mode == "enforce)"))
            })
        };
        self.apparmor.get_or_init(load).as_ref()
    }

    /// What stands between sshd and `path`.
    pub(crate) fn denial(&self, tree: &Tree, path: &[u8]) -> Fact<Option<MacDenial>> {
        if let Some(selinux) = self.selinux(tree) {
            return selinux.denial(tree, path);
        }
        let Some((profile, enforcing)) = self.apparmor() else {
            return Fact::Known(None);
        };
        let log = logs::denial(tree, |line| {
            let quoted = [b"name=\"", path, b"\""].concat();
            contains(line, b"apparmor=\"DENIED\"")
                && contains(line, b"comm=\"sshd")
                && contains(line, &quoted)
        });
        if let Some(log) = log {
            return Fact::Known(Some(MacDenial {
                mode: MacMode::AppArmor,
                have: profile.clone().into_bytes(),
                want: None,
                log: Some(log),
                enforcing: *enforcing,
            }));
        }
        if !enforcing {
            return Fact::Known(None);
        }
        Fact::Unknown(Gap::could_not(
            format!("whether AppArmor lets sshd read {}", show(path)),
            format!("the profile {profile} is enforced, and what it allows is not worked out here"),
            "after a refused login: journalctl -k | grep 'apparmor=\"DENIED\".*sshd'",
        ))
    }
}

fn contains(line: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(line, what).is_some()
}

/// The type in a context `user:role:type[:level]`.
fn type_of(context: &[u8]) -> &[u8] {
    context.split(|&b| b == b':').nth(2).unwrap_or(context)
}

/// The table's word for a type.
fn rule(label: &[u8], dir: bool) -> &'static str {
    for line in TYPES.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split_whitespace();
        if words.next().is_some_and(|w| w.as_bytes() == type_of(label)) {
            return words.nth(usize::from(dir)).unwrap_or("-");
        }
    }
    "-"
}

impl SeLinux {
    fn denial(&self, tree: &Tree, path: &[u8]) -> Fact<Option<MacDenial>> {
        let mut way: Vec<&[u8]> = vec![path];
        let mut up = path;
        while up != b"/" {
            up = parent(up);
            way.push(up);
        }
        let mut gap = None;
        for at in way.into_iter().rev() {
            let node = match tree.lstat(at) {
                Fact::Known(Ok(node)) => node,
                Fact::Known(Err(Errno::NotFound)) => return Fact::Known(None),
                Fact::Known(Err(_)) => continue,
                Fact::Unknown(gap) => return Fact::Unknown(gap),
            };
            let want = self.contexts.of(at, &node);
            let have = match (&node.label, &want) {
                (_, Some(want)) if self.relabel => want.clone(),
                (Some(label), _) => label.clone(),
                (None, _) => UNLABELED.to_vec(),
            };
            let allowed = match rule(&have, node.is_dir()) {
                "yes" => Ok(true),
                "no" => Ok(false),
                "-" => Err("the policy's rules are not read here"),
                boolean => self
                    .boolean(boolean)
                    .ok_or("a boolean of the policy decides"),
            };
            match allowed {
                Ok(true) => {}
                Ok(false) => {
                    let name = [b"name=\"", resolve::base_name(at), b"\""].concat();
                    let log = logs::denial(tree, |line| {
                        contains(line, b"denied")
                            && contains(line, b"comm=\"sshd")
                            && contains(line, &name)
                    });
                    let shown = if at == path {
                        have
                    } else {
                        [&have, &b" on "[..], at].concat()
                    };
                    return Fact::Known(Some(MacDenial {
                        mode: MacMode::SeLinux,
                        have: shown,
                        want,
                        log,
                        enforcing: self.enforcing,
                    }));
                }
                // The policy's own label for this very place is one that it lets sshd use.
                Err(_) if want.as_deref().map(type_of) == Some(type_of(&have)) => {}
                Err(why) if self.enforcing => {
                    let kind = String::from_utf8_lossy(type_of(&have)).into_owned();
                    let class = if node.is_dir() {
                        "dir -p search"
                    } else {
                        "file -p read"
                    };
                    gap.get_or_insert_with(|| {
                        Gap::could_not(
                            format!("whether SELinux lets sshd use {} ({kind})", show(at)),
                            why,
                            format!("sesearch -A -s sshd_t -t {kind} -c {class}"),
                        )
                    });
                }
                Err(_) => {}
            }
        }
        gap.map_or(Fact::Known(None), Fact::Unknown)
    }

    /// A boolean of the policy in force. One that the policy does not have lets nothing through:
    /// Debian's has no use_fusefs_home_dirs, and no rule for fusefs_t.
    fn boolean(&self, name: &str) -> Option<bool> {
        if !self.live {
            return None;
        }
        match fs::read(format!("/sys/fs/selinux/booleans/{name}")) {
            Ok(raw) => Some(raw.first() == Some(&b'1')),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Some(false),
            Err(_) => None,
        }
    }
}

/// One line of file_contexts: a path or a regular expression, a kind, a context.
struct Spec {
    pattern: Vec<u8>,
    /// Length of the literal start of the pattern.
    stem: usize,
    exact: bool,
    kind: Option<u8>,
    context: Vec<u8>,
}

/// The policy's labels for paths.
#[derive(Default)]
pub(crate) struct Contexts {
    specs: Vec<Spec>,
    /// `/place /like`: a place is labelled like another.
    substitutes: Vec<(Vec<u8>, Vec<u8>)>,
}

fn words(line: &[u8]) -> Vec<&[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|w| !w.is_empty())
        .collect()
}

fn spec(line: &[u8]) -> Option<Spec> {
    let (pattern, kind, context) = match words(line).as_slice() {
        [first, ..] if first.starts_with(b"#") => return None,
        [pattern, context] => (*pattern, None, *context),
        [pattern, kind, context] => (*pattern, Some(*kind.get(1)?), *context),
        _ => return None,
    };
    let (mut stem, mut exact, mut i) = (Vec::new(), true, 0);
    while let Some(&b) = pattern.get(i) {
        match b {
            b'\\' => {
                i += 1;
                stem.extend(pattern.get(i));
            }
            b'.' | b'^' | b'$' | b'?' | b'*' | b'+' | b'|' | b'[' | b'(' | b'{' => {
                exact = false;
                // The last byte may be what a `?` or `*` makes optional.
                if matches!(b, b'?' | b'*' | b'{') {
                    stem.pop();
                }
                break;
            }
            b => stem.push(b),
        }
        i += 1;
    }
    let length = stem.len();
    let pattern = if exact {
        stem
    } else {
        [&stem[..], &b"\0"[..], pattern].concat()
    };
    Some(Spec {
        pattern,
        stem: length,
        exact,
        kind,
        context: context.to_vec(),
    })
}

impl Contexts {
    /// The files of a policy, those that weigh more last.
    pub(crate) fn read(tree: &Tree, dir: &[u8]) -> Contexts {
        let file = |name: &str| {
            tree.system_file(&[dir, name.as_bytes()].concat(), MAX_POLICY)
                .unwrap_or_default()
        };
        let mut out = Contexts::default();
        for name in [
            "file_contexts",
            "file_contexts.homedirs",
            "file_contexts.local",
        ] {
            out.specs
                .extend(file(name).split(|&b| b == b'\n').filter_map(spec));
        }
        for name in ["file_contexts.subs", "file_contexts.subs_dist"] {
            for line in file(name).split(|&b| b == b'\n') {
                if let [place, like] = words(line).as_slice()
                    && !place.starts_with(b"#")
                {
                    out.substitutes.push((place.to_vec(), like.to_vec()));
                }
            }
        }
        out
    }

    /// The label of a node at a path: a path without metacharacters weighs most, then the last
    /// expression that matches, as selabel_lookup(3) has it. `None`: none, or `<<none>>`.
    pub(crate) fn of(&self, path: &[u8], node: &Node) -> Option<Vec<u8>> {
        let path = self
            .substitutes
            .iter()
            .find(|(place, _)| resolve::is_below(path, place))
            .map_or_else(
                || path.to_vec(),
                |(place, like)| [like, path.get(place.len()..).unwrap_or_default()].concat(),
            );
        let letter = match node.kind {
            Kind::File => b'-',
            Kind::Dir => b'd',
            Kind::Link(_) => b'l',
            Kind::Fifo => b'p',
            Kind::Socket => b's',
            Kind::CharDevice => b'c',
            Kind::BlockDevice => b'b',
        };
        let fits = |s: &&Spec| s.kind.is_none_or(|k| k == letter);
        let exact = self
            .specs
            .iter()
            .rev()
            .filter(fits)
            .find(|s| s.exact && s.pattern == path);
        let spec = exact.or_else(|| {
            self.specs
                .iter()
                .rev()
                .filter(fits)
                .filter(|s| !s.exact)
                .find(|s| {
                    let (stem, rest) = s.pattern.split_at(s.stem);
                    path.starts_with(stem) && matches(rest.get(1..).unwrap_or_default(), &path)
                })
        })?;
        (spec.context != b"<<none>>").then(|| spec.context.clone())
    }
}

fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let Ok(pattern) = std::str::from_utf8(pattern) else {
        return false;
    };
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .unicode(false)
        .dot_matches_new_line(true)
        .size_limit(1 << 18)
        .build()
        .is_ok_and(|r| r.is_match(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contexts(text: &str) -> Contexts {
        Contexts {
            specs: text.lines().filter_map(|l| spec(l.as_bytes())).collect(),
            substitutes: vec![(b"/export/home".to_vec(), b"/home".to_vec())],
        }
    }

    #[test]
    fn the_last_expression_wins_and_a_plain_path_over_all() {
        let c = contexts(
            "/home/[^/]+/\\.ssh(/.*)?\tsystem_u:object_r:ssh_home_t:s0\n\
             /.*  u:r:default_t:s0\n\
             /home/[^/]+/.+ u:r:user_home_t:s0\n\
             /home/[^/]+/\\.ssh(/.*)? u:r:ssh_home_t:s0\n\
             /home/[^/]+ -d u:r:user_home_dir_t:s0\n\
             /home/\\.journal <<none>>\n\
             /etc/plain -- u:r:etc_t:s0\n\
             /etc/.* u:r:other_t:s0\n",
        );
        let file = Node::new(Kind::File, 0o600, 0, 0);
        let dir = Node::new(Kind::Dir, 0o700, 0, 0);
        let of = |p: &str, n: &Node| {
            c.of(p.as_bytes(), n)
                .map(|l| String::from_utf8(type_of(&l).to_vec()).unwrap())
        };
        assert_eq!(
            of("/home/a/.ssh/authorized_keys", &file).unwrap(),
            "ssh_home_t"
        );
        assert_eq!(of("/export/home/a/.ssh", &dir).unwrap(), "ssh_home_t");
        assert_eq!(of("/home/a", &dir).unwrap(), "user_home_dir_t");
        assert_eq!(of("/home/a", &file).unwrap(), "default_t");
        assert_eq!(of("/etc/plain", &file).unwrap(), "etc_t");
        assert_eq!(of("/etc/plain", &dir).unwrap(), "other_t");
        assert_eq!(of("/home/.journal", &file), None);
        assert_eq!(of("/homes/a", &file).unwrap(), "default_t");
    }

    #[test]
    fn the_table_answers_as_the_real_policy_did() {
        let label = |t: &str| format!("unconfined_u:object_r:{t}:s0").into_bytes();
        for t in [
            "user_home_t",
            "default_t",
            "var_t",
            "tmp_t",
            "httpd_sys_content_t",
            "unlabeled_t",
        ] {
            assert_eq!(rule(&label(t), false), "no", "{t}");
        }
        assert_eq!(rule(&label("ssh_home_t"), false), "yes");
        assert_eq!(rule(&label("etc_t"), false), "yes");
        assert_eq!(rule(&label("default_t"), true), "no");
        assert_eq!(rule(&label("never_heard_of_t"), false), "-");
    }
}
