//! Debian's SELinux policy with its tools, in a root of its own: what `matchpathcon` and
//! `sesearch` say of it. Nothing is installed, and no kernel has to know SELinux.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::setup::{Apt, Mirrors, Suite, cache, remove};

/// The policy, what builds it, and what asks it.
const PACKAGES: [&str; 8] = [
    "selinux-policy-default",
    "selinux-utils",
    "semodule-utils",
    "policycoreutils",
    "setools",
    "coreutils",
    "bash",
    "dash",
];

/// The policy is built from its modules, as its package does when it is installed.
const BUILD: &str = "for m in $(cat /usr/share/selinux/default/.modules); do \
    set -- \"$@\" -i \"/usr/share/selinux/default/$m.pp.bz2\"; done; \
    exec semodule -X 100 -n -s default \"$@\"";

/// Loads the policy and asks it once for each class and permission; sesearch itself does so for
/// each type.
const ASK: &str = "\
import setools, sys
policy, words = setools.SELinuxPolicy(sys.argv[1]), sys.argv[2:]
types = {str(t) for t in policy.types()}
found = {}
for n, (target, tclass, perm) in enumerate(zip(words[::3], words[1::3], words[2::3])):
    if target not in types:
        print(n, '?', sep='\\t')
        continue
    if (tclass, perm) not in found:
        query = setools.TERuleQuery(policy, ruletype=['allow'], source='sshd_t',
                                    tclass=[tclass], perms=[perm])
        found[tclass, perm] = [(r, {str(t) for t in r.target.expand()}) for r in query.results()]
    for rule, targets in found[tclass, perm]:
        if target in targets:
            print(n, rule, sep='\\t')
";

/// Where the policy's files lie in the root.
pub const POLICY: &str = "etc/selinux/default";

/// The unpacked and built policy.
#[derive(Clone, Debug)]
pub struct Policy {
    root: PathBuf,
}

impl Policy {
    /// The one in the cache; `None` until it was fetched.
    #[must_use]
    pub fn cached() -> Option<Policy> {
        let dir = cache().join("selinux");
        dir.join("versions").is_file().then(|| Policy {
            root: dir.join("root"),
        })
    }

    /// A file of the policy, by its path in [`POLICY`].
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(POLICY).join(name)
    }

    fn run(&self, words: &[&str]) -> Result<String, String> {
        run(&self.root, words)
    }

    /// The type that the policy has for a path: `matchpathcon`. `kind` is `file` or `dir`.
    ///
    /// # Errors
    /// The program does not run, or gives no context.
    pub fn type_of(&self, path: &str, kind: &str) -> Result<String, String> {
        let said = self.run(&["matchpathcon", "-n", "-m", kind, path])?;
        let context = said.trim();
        context
            .split(':')
            .nth(2)
            .map(str::to_string)
            .ok_or_else(|| format!("matchpathcon {path}: {context}"))
    }

    /// The rules that let sshd do something with nodes of a type, for each of `asked` (type,
    /// class, permission), as `sesearch -A -s sshd_t` finds them. `None`: the policy has no such
    /// type.
    ///
    /// # Errors
    /// The program does not run.
    pub fn allowed(
        &self,
        asked: &[(&str, &str, &str)],
    ) -> Result<Vec<Option<Vec<String>>>, String> {
        let version = fs::read_dir(self.file("policy"))
            .map_err(|e| e.to_string())?
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .find(|n| n.starts_with("policy."))
            .ok_or("no policy was built")?;
        let policy = format!("/{POLICY}/policy/{version}");
        let mut words = vec!["python3", "-c", ASK, &policy];
        for (of, class, what) in asked {
            words.extend([*of, *class, *what]);
        }
        let said = self.run(&words)?;
        let mut out = vec![Some(Vec::new()); asked.len()];
        for line in said.lines() {
            let (n, rule) = line.split_once('\t').ok_or("a line without its number")?;
            let slot = n.parse().ok().and_then(|n: usize| out.get_mut(n));
            let slot = slot.ok_or("a line of another question")?;
            match (rule, slot.as_mut()) {
                ("?", _) => *slot = None,
                (rule, Some(rules)) => rules.push(rule.to_string()),
                (_, None) => {}
            }
        }
        Ok(out)
    }
}

fn run(root: &Path, words: &[&str]) -> Result<String, String> {
    let out = Command::new("unshare")
        .args(["--mount", "--net", "chroot"])
        .arg(root)
        .args(words)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("unshare: {e}"))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&out.stderr).trim().to_string();
    Err(format!("{}: {why}", words.join(" ")))
}

/// Fetches and builds the policy unless it is there; whether it was.
pub(crate) fn fetch(suite: &Suite, mirrors: &Mirrors, refresh: bool) -> Result<bool, String> {
    if Policy::cached().is_some() && !refresh {
        return Ok(false);
    }
    let io = |e: io::Error| e.to_string();
    let new = cache().join("selinux.new");
    remove(&new).map_err(io)?;
    let apt = Apt::new(&new, suite, mirrors, false).map_err(io)?;
    apt.download(&PACKAGES, &new)?;
    let root = new.join("root");
    let versions = apt.unpack(&root)?;
    for (name, text) in [
        // Homes are where accounts have them: the policy's builder looks.
        (
            "etc/passwd",
            "root:x:0:0::/root:/bin/bash\nalice:x:2001:2001::/home/alice:/bin/bash\n",
        ),
        ("etc/group", "root:x:0:\nalice:x:2001:\n"),
        ("etc/shells", "/bin/sh\n/bin/bash\n"),
        (
            "etc/selinux/config",
            "SELINUX=enforcing\nSELINUXTYPE=default\n",
        ),
    ] {
        fs::write(root.join(name), text).map_err(io)?;
    }
    fs::create_dir_all(root.join("var/lib/selinux/default")).map_err(io)?;
    run(&root, &["sh", "-c", BUILD])?;
    for left in ["cache", "state", "etc"] {
        remove(&new.join(left)).map_err(io)?;
    }
    fs::write(new.join("versions"), versions).map_err(io)?;
    remove(&cache().join("selinux")).map_err(io)?;
    fs::rename(&new, cache().join("selinux")).map_err(io)?;
    Ok(true)
}
