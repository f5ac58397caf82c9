//! The printed shell script in place of `apply`, in the lab's root: the same tree must come of it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use sshwhy_mend::apply::apply;
use sshwhy_mend::script;
use sshwhy_scenario::{Scene, Spec};

use crate::fixes::{Fixer, Tree, back, setting, snapshot};
use crate::lab::Predictor;

/// Where the script runs: a directory of the compared tree, so that whatever it leaves is seen.
pub const WORK: &str = "/srv/work";
/// Outside of the compared tree.
const TEXT: &str = "/tmp/plan.sh";
const TOOLS: &str = "/tmp/tools";
const RAN: &str = "/tmp/ran";

/// The line of a script that says where programs are.
const PATH: &str = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n";

/// Runs the script of a plan, and compares with what applying the plan leaves.
#[derive(Clone, Debug)]
pub struct Scripted {
    /// Who plans.
    pub fixer: Fixer,
}

/// What came of one world.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// How many changes the script makes. 0: the plan was to change nothing.
    pub changes: usize,
    /// The programs that ran, by name, where that was watched.
    pub ran: Option<BTreeSet<String>>,
    /// What went wrong.
    pub wrong: Vec<String>,
}

impl Scripted {
    fn run(&self, spec: &Spec, scene: &Scene, out: &mut Printed) -> Result<(), String> {
        let io = |what: &'static str| move |e: std::io::Error| format!("{what}: {e}");
        let (_, plan, uid) = self.fixer.plan(scene)?;
        if !plan.accepts {
            if !plan.changes.is_empty() {
                out.wrong.push("changes that do not help".into());
            }
            return Ok(());
        }
        if plan.changes.is_empty() {
            return Ok(());
        }
        out.changes = plan.changes.len();
        let text = script(&plan, None).map_err(|e| format!("cannot say: {e:?}"))?;
        let untouched = snapshot().map_err(io("before"))?;
        let setting = setting(uid);
        match apply(&plan.changes, &setting) {
            Ok(Some(_)) => {}
            Ok(None) => return Err(format!("nothing was applied of {:?}", plan.changes)),
            Err(e) => return Err(format!("not applied: {e}")),
        }
        let applied = snapshot().map_err(io("applied"))?;
        back(&setting)?;
        if bare(&snapshot().map_err(io("taken back"))?) != bare(&untouched) {
            out.wrong.push("not taken back".into());
        }
        // Every other script runs as it was printed; the rest finds programs that say their names.
        let watched = spec.name.ends_with(['0', '2', '4', '6', '8']);
        if watched {
            tools().map_err(io("the tools"))?;
        }
        fs::write(TEXT, if watched { with_tools(&text)? } else { text }).map_err(io("text"))?;
        let done = Command::new("/bin/sh")
            .arg(TEXT)
            .env_clear()
            .current_dir(WORK)
            .stdin(Stdio::null())
            .output()
            .map_err(io("/bin/sh"))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            out.wrong.push(format!("{}: {said}", done.status));
        }
        if watched {
            let names = fs::read_to_string(RAN).unwrap_or_default();
            out.ran = Some(names.lines().map(str::to_owned).collect());
        }
        let scripted = snapshot().map_err(io("scripted"))?;
        for (path, a, b) in unlike(&applied, &scripted) {
            out.wrong
                .push(format!("{path}: applied {a}, by the script {b}"));
        }
        Ok(())
    }
}

impl Predictor for Scripted {
    type Output = Printed;

    fn predict(&self, spec: &Spec, scene: &Scene) -> Printed {
        let mut out = Printed::default();
        if let Err(why) = self.run(spec, scene, &mut out) {
            out.wrong.push(why);
        }
        out
    }
}

/// A directory with the name of every program, each of which writes its name down and then is the
/// program.
fn tools() -> std::io::Result<()> {
    fs::create_dir(TOOLS)?;
    let wrapper = format!("{TOOLS}/.said");
    let text = "#!/bin/sh\nn=${0##*/}\nprintf '%s\\n' \"$n\" >> /tmp/ran\n\
                [ -x \"/usr/sbin/$n\" ] && exec \"/usr/sbin/$n\" \"$@\"\nexec \"/usr/bin/$n\" \"$@\"\n";
    fs::write(&wrapper, text)?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    for dir in ["/usr/sbin", "/usr/bin"] {
        for entry in fs::read_dir(dir)? {
            let at = Path::new(TOOLS).join(entry?.file_name());
            if fs::symlink_metadata(&at).is_err() {
                symlink(".said", &at)?;
            }
        }
    }
    Ok(())
}

/// The script with the tools' directory as its path, and not a byte otherwise.
fn with_tools(text: &[u8]) -> Result<Vec<u8>, String> {
    let line = PATH.as_bytes();
    let at = text.windows(line.len()).position(|w| w == line);
    let at = at.ok_or("the script does not say where programs are")?;
    let (head, tail) = (text.get(..at), text.get(at + line.len()..));
    let new = format!("PATH={TOOLS}\n");
    Ok([
        head.unwrap_or_default(),
        new.as_bytes(),
        tail.unwrap_or_default(),
    ]
    .concat())
}

/// A tree without times: a script makes its files later.
fn bare(tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    for seen in tree.values_mut() {
        seen.modified = (0, 0);
    }
    tree
}

fn unlike(a: &Tree, b: &Tree) -> Vec<(String, String, String)> {
    let (a, b) = (bare(a), bare(b));
    let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    names
        .into_iter()
        .filter(|n| a.get(*n) != b.get(*n))
        .map(|n| {
            (
                n.display().to_string(),
                format!("{:?}", a.get(n)),
                format!("{:?}", b.get(n)),
            )
        })
        .collect()
}
