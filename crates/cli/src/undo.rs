//! `sshwhy undo`: what a run changed goes back, or is kept.

use crate::args::{Common, Format};
use crate::failure::Failure;
use crate::output;
use clap::{Args, ValueHint};
use serde::Serialize;
use sshwhy_mend::apply::Done;
use sshwhy_mend::confirm;
use sshwhy_mend::confirm_watch as watch;
use sshwhy_mend::journal::{Act, Phase, Step, Store};
use sshwhy_mend::reload;
use sshwhy_mend::safe_state::State;
use sshwhy_mend::safe_trouble::{Trouble, Why};
use sshwhy_mend::undo::{self, Summary};
use sshwhy_report::safe::{json as visible, shown};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(crate) const UNDO: &str = "Take back what a run of `fix` changed: bytes, modes, owners, ACLs, attributes \
        and times, exactly.\n\nWhat somebody has changed since is not overwritten: then nothing is \
        touched. Taking back is a run of its own, with an id, and can itself be undone. Without an \
        ID: the newest run of `fix` that is not undone.";

pub(crate) const UNDO_EXIT: &str = "Exit status:
  0  taken back (or kept, or listed)
  1  there is nothing to take back, or somebody changed it since
  2  this program could not work";

/// `sshwhy undo`
#[derive(Args, Debug)]
pub struct Undo {
    /// The run, as `fix` named it; its first characters are enough
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Show all runs
    #[arg(long, conflicts_with_all = ["id", "yes", "dry_run", "keep"], help_heading = "What to do")]
    pub list: bool,
    /// Keep a run that waits to be confirmed: from a login that began after it
    #[arg(long, conflicts_with_all = ["yes", "dry_run"], help_heading = "What to do")]
    pub keep: bool,
    /// Show what would go back and stop
    #[arg(long, help_heading = "What to do")]
    pub dry_run: bool,
    /// Take it back without a question
    #[arg(long, conflicts_with = "dry_run", help_heading = "What to do")]
    pub yes: bool,
    /// Leave the running sshd alone
    #[arg(long, help_heading = "What to do")]
    pub no_reload: bool,
    /// A mounted disk or an unpacked image
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Which machine")]
    pub root: Option<PathBuf>,
    /// Where the journals lie
    #[arg(long, value_name = "DIR", hide = true)]
    pub journals: Option<PathBuf>,
    /// Wait until a run's time is up, then take it back
    #[arg(long, hide = true, requires = "id")]
    pub watch: bool,
    /// Take a run back whose time is up
    #[arg(long, hide = true, requires = "id")]
    pub expired: bool,
    /// Take back every run that nobody confirmed before the reboot
    #[arg(long, hide = true)]
    pub at_boot: bool,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    runs: Vec<RunDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<UndoDoc>,
}

#[derive(Serialize)]
struct RunDoc {
    id: String,
    made: i64,
    phase: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<i64>,
    paths: Vec<String>,
}

#[derive(Serialize)]
struct UndoDoc {
    of: String,
    /// The run that took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    done: bool,
    steps: Vec<StepDoc>,
    changed_since: Vec<ConflictDoc>,
}

#[derive(Serialize)]
struct StepDoc {
    path: String,
    kind: &'static str,
    what: String,
}

#[derive(Serialize)]
struct ConflictDoc {
    path: String,
    why: String,
}

pub(crate) fn run(args: &Undo) -> Result<u8, Failure> {
    let root = args.root.as_deref().unwrap_or(Path::new("/"));
    let journals = match &args.journals {
        Some(dir) => dir.clone(),
        None => Store::usual(root),
    };
    let id = args.id.as_deref();
    match id {
        Some(id) if args.watch => return settled(watch::watch(&journals, root, id)),
        Some(id) if args.expired => return settled(watch::expired(&journals, root, id)),
        _ if args.at_boot => {
            watch::at_boot(&journals, root).map_err(failure)?;
            return Ok(0);
        }
        _ => {}
    }
    if args.list {
        return list(args, &journals);
    }
    if args.keep {
        return keep(args, &journals, id);
    }
    take_back(args, &journals, root, id)
}

fn settled(fate: Result<watch::Fate, Trouble>) -> Result<u8, Failure> {
    fate.map(|_| 0).map_err(failure)
}

fn failure(trouble: Trouble) -> Failure {
    Failure::new(trouble.what(), trouble.why(), trouble.help())
}

fn keep(args: &Undo, journals: &Path, id: Option<&str>) -> Result<u8, Failure> {
    let store = Store::existing(journals).map_err(failure)?;
    let kept = match &store {
        Some(store) => confirm::keep_from_here(store, id),
        None => return say(args, 1, "there is no run that waits to be confirmed\n"),
    };
    match kept {
        Ok(id) => say(args, 0, &format!("kept: run {id}\n")),
        Err(t) if matches!(t.why, Why::NoRun(_) | Why::Journal(_)) => say(
            args,
            1,
            &format!("not kept: {}\n", shown(t.why().as_bytes())),
        ),
        Err(t) => Err(failure(t)),
    }
}

fn list(args: &Undo, journals: &Path) -> Result<u8, Failure> {
    let runs = match Store::existing(journals).map_err(failure)? {
        Some(store) => undo::runs(&store).map_err(failure)?,
        None => Vec::new(),
    };
    output::print(&args.common, 0, |out| match args.common.format {
        Format::Json => sshwhy_report::json::write(&document(&runs, None), out),
        Format::Text => runs_text(&runs, out),
    })
}

fn document(runs: &[Summary], undo: Option<UndoDoc>) -> Doc {
    let runs = runs.iter().map(|r| RunDoc {
        id: r.id.clone(),
        made: r.made,
        phase: r.phase.word(),
        of: r.of.clone(),
        deadline: r.deadline,
        paths: r.paths.iter().map(|p| visible(p)).collect(),
    });
    Doc {
        schema: "sshwhy/1",
        command: "undo",
        results: [],
        runs: runs.collect(),
        undo,
    }
}

fn runs_text(runs: &[Summary], out: &mut dyn Write) -> io::Result<()> {
    if runs.is_empty() {
        return writeln!(out, "nothing was changed by this program");
    }
    for run in runs {
        let of = match &run.of {
            Some(of) => format!(" (took back {of})"),
            None => String::new(),
        };
        writeln!(out, "{}  {}{of}", run.id, run.phase.word())?;
        for path in &run.paths {
            writeln!(out, "   |  {}", shown(path))?;
        }
    }
    Ok(())
}

/// What a step does, for a person.
fn words(step: &Step) -> (&'static str, String) {
    let mode = |s: &State| s.there().map_or(0, |f| f.mode);
    let owner = |s: &State| s.there().map_or((0, 0), |f| (f.uid, f.gid));
    match &step.act {
        Act::Put if step.before == State::Absent => ("put", "comes back".into()),
        Act::Put => ("put", "gets its old content and attributes back".into()),
        Act::Remove => ("remove", "goes: it was not there before".into()),
        Act::MakeDir => ("directory", "the directory comes back".into()),
        Act::Mode => {
            let (old, new) = (mode(&step.before), mode(&step.after));
            ("mode", format!("mode {old:04o} -> {new:04o}"))
        }
        Act::Owner => {
            let ((u, g), (v, h)) = (owner(&step.before), owner(&step.after));
            ("owner", format!("owner {u}:{g} -> {v}:{h}"))
        }
        Act::Attribute(name) if name == b"system.posix_acl_access" => {
            ("acl", "gets its old ACL back".into())
        }
        Act::Attribute(name) => ("attribute", format!("gets its old {} back", visible(name))),
        _ => ("label", "gets its old label back".into()),
    }
}

fn take_back(args: &Undo, journals: &Path, root: &Path, id: Option<&str>) -> Result<u8, Failure> {
    let undo = match undo::look(journals, root, id) {
        Ok(undo) => undo,
        Err(t) if matches!(t.why, Why::NoRun(_)) => {
            return match args.common.format {
                Format::Json => print(args, 1, None),
                Format::Text => say(args, 1, "there is nothing to take back\n"),
            };
        }
        Err(t) => return Err(failure(t)),
    };
    let commands = undo.of.reload.clone();
    let config = undo.phase != Phase::Undone && !undo.steps.is_empty() && !commands.is_empty();
    let mut doc = UndoDoc {
        of: undo.of.id.clone(),
        id: None,
        done: false,
        steps: undo.steps.iter().map(step_doc).collect(),
        changed_since: undo.conflicts.iter().map(conflict_doc).collect(),
    };
    let json = args.common.format == Format::Json;
    if !json {
        let kept = journals.join(&doc.of);
        output::print(&args.common, 0, |out| plan_text(&doc, &kept, out))?;
    }
    if !undo.conflicts.is_empty() {
        return if json {
            print(args, 1, Some(doc))
        } else {
            say(args, 1, "nothing was touched\n")
        };
    }
    if undo.phase == Phase::Undone {
        return if json {
            print(args, 1, Some(doc))
        } else {
            say(args, 1, "it is taken back already\n")
        };
    }
    if args.dry_run {
        return if json {
            print(args, 0, Some(doc))
        } else {
            Ok(0)
        };
    }
    if !consent(args, "take this back?")? {
        return say(args, 1, "nothing was changed\n");
    }
    let done = undo.carry_out(false).map_err(failure)?;
    if let Some(store) = Store::existing(journals).map_err(failure)? {
        watch::clear_up(&store);
    }
    doc.done = true;
    doc.id = done.as_ref().map(|d| d.id.clone());
    if !json {
        told(args, done.as_ref())?;
    }
    if config {
        tell_daemon(args, &commands, json)?;
    }
    if json {
        print(args, 0, Some(doc))
    } else {
        Ok(0)
    }
}

fn step_doc(step: &Step) -> StepDoc {
    let (kind, what) = words(step);
    StepDoc {
        path: visible(&step.path),
        kind,
        what,
    }
}

fn conflict_doc(trouble: &Trouble) -> ConflictDoc {
    ConflictDoc {
        path: visible(&trouble.path),
        why: trouble.why(),
    }
}

fn plan_text(doc: &UndoDoc, kept: &Path, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "run {}", doc.of)?;
    for step in &doc.steps {
        writeln!(out, "  --> {}", shown(step.path.as_bytes()))?;
        writeln!(out, "   |  {}", step.what)?;
    }
    for conflict in &doc.changed_since {
        writeln!(out, "  --> {}", shown(conflict.path.as_bytes()))?;
        writeln!(out, "   = why:  {}", shown(conflict.why.as_bytes()))?;
    }
    if !doc.changed_since.is_empty() {
        writeln!(
            out,
            "   = help: what somebody wrote since is not overwritten; what was there before is \
             kept in {}",
            shown(kept.as_os_str().as_bytes())
        )?;
    }
    if doc.steps.is_empty() && doc.changed_since.is_empty() {
        writeln!(out, "   |  everything is as it was before it")?;
    }
    Ok(())
}

fn told(args: &Undo, done: Option<&Done>) -> Result<u8, Failure> {
    let Some(done) = done else {
        return say(args, 0, "taken back\n");
    };
    output::print(&args.common, 0, |out| {
        writeln!(out, "taken back by run {}", done.id)?;
        if let Some(rests) = &done.rests {
            writeln!(out, "   = note: {}", shown(rests.to_string().as_bytes()))?;
        }
        writeln!(out, "   = help: to undo that:  sshwhy undo {}", done.id)
    })
}

fn tell_daemon(args: &Undo, commands: &[reload::Command], json: bool) -> Result<(), Failure> {
    let line: Vec<String> = commands
        .iter()
        .map(|c| c.iter().map(|w| shown(w)).collect::<Vec<_>>().join(" "))
        .collect();
    let line = line.join(" && ");
    if args.root.is_some() || args.no_reload || !consent(args, &format!("run `{line}`?"))? {
        if !json {
            say(args, 0, &format!("left to you:  {line}\n"))?;
        }
        return Ok(());
    }
    reload::carry_out(commands).map_err(|(_, said)| {
        Failure::new(
            format!("{line} failed"),
            shown(&said),
            "the files are as they were; the running sshd works with those that it read last",
        )
    })
}

fn print(args: &Undo, code: u8, undo: Option<UndoDoc>) -> Result<u8, Failure> {
    output::print(&args.common, code, |out| {
        sshwhy_report::json::write(&document(&[], undo), out)
    })
}

fn say(args: &Undo, code: u8, text: &str) -> Result<u8, Failure> {
    output::print(&args.common, code, |out| out.write_all(text.as_bytes()))
}

/// Asks on the terminal. Without one there is no consent but `--yes`.
fn consent(args: &Undo, question: &str) -> Result<bool, Failure> {
    if args.yes {
        return Ok(true);
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::new(
            "nobody can be asked",
            "standard input is no terminal",
            "add --yes, or --dry-run to see what would go back",
        ));
    }
    let mut err = io::stderr();
    let asked = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = asked.and_then(|()| stdin.lock().read_line(&mut answer));
    Ok(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}
