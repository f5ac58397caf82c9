//! A specification back into world lines, for worlds that were generated.

use crate::content::Content;
use crate::expect::{Expectation, Verdict};
use crate::spec::{Change, Session, Sign, Spec};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use sshwhy_world::MacMode;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Content as `|` lines. Bytes that a line cannot hold become `{hex …}`.
fn block(out: &mut String, content: &Content) {
    let escaped: Vec<u8> = match content {
        Content::Text(text) => escape(text, false),
        Content::Raw(bytes) => escape(bytes, true),
    };
    let text = lossy(&escaped);
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) if line.starts_with('-') || line.starts_with(' ') || !line.is_empty() => {
                out.push_str(&format!("| {line}\n"));
            }
            Some(_) => out.push_str("|\n"),
            None => out.push_str(&format!("|- {line}\n")),
        }
    }
}

fn escape(bytes: &[u8], raw: bool) -> Vec<u8> {
    let plain = core::str::from_utf8(bytes).is_ok();
    let mut out = Vec::new();
    for &b in bytes {
        if b == b'\n'
            || b == b'\t'
            || ((0x20..0x7f).contains(&b) && !(raw && b == b'{'))
            || (plain && b >= 0x80)
        {
            out.push(b);
        } else {
            out.extend_from_slice(format!("{{hex {b:02x}}}").as_bytes());
        }
    }
    out
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        let mut line = |text: String| out.push_str(&(text + "\n"));
        match self {
            Change::File {
                path,
                mode,
                owner,
                content,
            } => {
                line(format!("file {} {mode:04o} {}", lossy(path), lossy(owner)));
                block(&mut out, content);
            }
            Change::Dir { path, mode, owner } => {
                line(format!("dir {} {mode:04o} {}", lossy(path), lossy(owner)));
            }
            Change::Link { path, target } => {
                line(format!("link {} -> {}", lossy(path), lossy(target)));
            }
            Change::Fifo { path, mode, owner } => {
                line(format!("fifo {} {mode:04o} {}", lossy(path), lossy(owner)));
            }
            Change::NullDevice { path } => line(format!("device-null {}", lossy(path))),
            Change::Mode { path, mode } => line(format!("mode {} {mode:04o}", lossy(path))),
            Change::Owner { path, owner } => {
                line(format!("owner {} {}", lossy(path), lossy(owner)));
            }
            Change::Acl { path, words } => {
                let words: Vec<String> = words
                    .iter()
                    .map(|w| {
                        let bit = |n: u8, c: &'static str| if w.perm & n != 0 { c } else { "-" };
                        let kind = if w.group { 'g' } else { 'u' };
                        let name = lossy(&w.name);
                        format!(
                            "{kind}:{name}:{}{}{}",
                            bit(4, "r"),
                            bit(2, "w"),
                            bit(1, "x")
                        )
                    })
                    .collect();
                line(format!("acl {} {}", lossy(path), words.join(",")));
            }
            Change::Label { path, label } => {
                line(format!("label {} {}", lossy(path), lossy(label)));
            }
            Change::Remove { path } => line(format!("remove {}", lossy(path))),
            Change::Keys(content) => {
                line("keys".into());
                block(&mut out, content);
            }
            Change::Config(content) => {
                line("config".into());
                block(&mut out, content);
            }
            Change::ConfigFirst(content) => {
                line("config-first".into());
                block(&mut out, content);
            }
            Change::ConfigIs(content) => {
                line("config-is".into());
                block(&mut out, content);
            }
            Change::Account { name, fields } => {
                let mut text = format!("account {}", lossy(name));
                let mut add = |n: &str, v: Option<String>| {
                    if let Some(v) = v {
                        text.push_str(&format!(" {n}={v}"));
                    }
                };
                add("uid", fields.uid.map(|n| n.to_string()));
                add("gid", fields.gid.map(|n| n.to_string()));
                add("home", fields.home.as_deref().map(lossy));
                add("shell", fields.shell.as_deref().map(lossy));
                add("password", fields.password.as_deref().map(lossy));
                line(text);
            }
            Change::NoAccount { name } => line(format!("no-account {}", lossy(name))),
            Change::Shadow { name, fields } => {
                let mut text = format!("shadow {}", lossy(name));
                if let Some(p) = &fields.password {
                    let p = if p.is_empty() {
                        "empty".into()
                    } else {
                        lossy(p)
                    };
                    text.push_str(&format!(" password={p}"));
                }
                for (n, v) in [
                    ("last", fields.last),
                    ("min", fields.min),
                    ("max", fields.max),
                    ("warn", fields.warn),
                    ("inactive", fields.inactive),
                    ("expire", fields.expire),
                ] {
                    if let Some(v) = v {
                        text.push_str(&format!(" {n}={v}"));
                    }
                }
                line(text);
            }
            Change::NoShadow { name } => line(format!("no-shadow {}", lossy(name))),
            Change::Group { name, gid, members } => {
                let mut text = format!("group {}", lossy(name));
                if let Some(gid) = gid {
                    text.push_str(&format!(" gid={gid}"));
                }
                if let Some(members) = members {
                    text.push_str(&format!(" members={}", lossy(&members.join(&b','))));
                }
                line(text);
            }
            Change::NoGroup { name } => line(format!("no-group {}", lossy(name))),
            Change::Pam { service, content } => {
                line(format!("pam {}", lossy(service)));
                block(&mut out, content);
            }
            Change::Name { addr, host } => line(format!("name {addr} {}", lossy(host))),
            Change::Command {
                path,
                status,
                output,
            } => {
                line(format!("command {} status={status} output", lossy(path)));
                block(&mut out, output);
            }
            Change::Daemon(d) => {
                let yes = |b| if b { "yes" } else { "no" };
                line(format!(
                    "daemon listening={} replaced={}",
                    yes(d.listening),
                    yes(d.replaced)
                ));
            }
            Change::Mac {
                path,
                mode,
                have,
                want,
            } => {
                let want = want.as_deref().map(lossy).unwrap_or_default();
                let mode = match mode {
                    MacMode::SeLinux => "selinux",
                    MacMode::AppArmor => "apparmor",
                };
                line(format!("mac {} {mode} {} {want}", lossy(path), lossy(have)));
            }
            Change::Sandbox { path, setting } => {
                line(format!("sandbox {} {}", lossy(path), lossy(setting)));
            }
            Change::Gap { what } => line(format!("gap {}", lossy(what))),
        }
        f.write_str(out.trim_end_matches('\n'))
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Verdict::Refuse => write!(f, "refuse {}", self.causes.join(" then ")),
            Verdict::Undetermined => write!(f, "undetermined {}", self.causes.join(" then ")),
            Verdict::Accept if self.after_login.is_empty() => f.write_str("accept"),
            Verdict::Accept => write!(f, "accept after-login {}", self.after_login.join(" then ")),
        }
    }
}

impl Spec {
    /// The world lines of this specification, as they stand in a fence.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let mut line =
            |text: String| out.push_str(&(text.trim_end_matches('\n').to_string() + "\n"));
        if self.build != "debian-12" {
            line(format!("build {}", self.build));
        }
        if let Some(reason) = &self.memory_only {
            line(format!("memory-only: {reason}"));
        }
        if let Some(flags) = &self.dropbear {
            line(format!("dropbear: {}", lossy(flags)));
        }
        for (_, change) in &self.changes {
            line(change.to_string());
        }
        let base = Spec::new("");
        let (a, b) = (&self.attempt, &base.attempt);
        if a != b {
            let mut text = format!("attempt user={} from={}", lossy(&a.user), a.from);
            if let Some(host) = &a.host {
                text.push_str(&format!(",{}", lossy(host)));
            }
            if (a.to, a.port) != (b.to, b.port) {
                text.push_str(&format!(" to={}", core::net::SocketAddr::new(a.to, a.port)));
            }
            text.push_str(&format!(" key={}", a.key.as_deref().unwrap_or("none")));
            if !a.algorithms.is_empty() {
                let names: Vec<String> = a.algorithms.iter().map(|n| lossy(n.name())).collect();
                text.push_str(&format!(" alg={}", names.join(",")));
            }
            match a.sign {
                Sign::Good => {}
                Sign::Bad => text.push_str(" sign=bad"),
                Sign::Sha1 => text.push_str(" sign=sha1"),
            }
            if !a.touch {
                text.push_str(" touch=no");
            }
            if let Some(verified) = a.verified {
                text.push_str(if verified {
                    " verified=yes"
                } else {
                    " verified=no"
                });
            }
            line(text);
        }
        match &self.session {
            s if *s == base.session => {}
            Session::Exec(command) => line(format!("session exec {}", lossy(command))),
            Session::Shell => line("session shell".into()),
            Session::Subsystem(name) => line(format!("session subsystem {}", lossy(name))),
        }
        if let Some(expect) = &self.expect {
            line(format!("expect {expect}").trim_end().to_string());
            for note in &expect.notes {
                line(format!("note {note}"));
            }
        }
        for (builds, expect) in &self.expect_on {
            let names: Vec<&str> = builds.iter().map(|b| b.text.as_str()).collect();
            line(format!("expect-on {} {expect}", names.join(",")));
        }
        for (builds, text) in &self.log {
            if builds.is_empty() {
                line(format!("log {text}"));
            } else {
                let names: Vec<&str> = builds.iter().map(|b| b.text.as_str()).collect();
                line(format!("log-on {} {text}", names.join(",")));
            }
        }
        out
    }
}
