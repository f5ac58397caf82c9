//! From the plan to the machine: the question, the changes, the reload, and another look.

use super::Planned;
use super::args::Fix;
use super::proof;
use crate::failure::Failure;
use crate::output;
use sshwhy_collect::LiveWorld;
use sshwhy_mend::apply::{Done, Setting, apply, stage};
use sshwhy_mend::confirm;
use sshwhy_mend::confirm_watch as watch;
use sshwhy_mend::reload::{self, Asked, Server, Way};
use sshwhy_mend::safe_trouble::Trouble;
use sshwhy_mend::{After, accepted};
use sshwhy_report::safe::shown;
use sshwhy_world::{Software, World};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

/// Where sshd lies, for its own test of the configuration: no search path decides about that.
const SSHD: [&str; 3] = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"];

/// Looks at a daemon that was told to read its files, and the pause between two.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(200);

/// Asks, makes the changes, and looks again. The plan is on the screen already.
pub(crate) fn carry_out(args: &Fix, planned: &Planned, world: &LiveWorld) -> Result<u8, Failure> {
    let n = planned.plan.changes.len();
    if let (Some(seconds), true) = (args.confirm, n > 0) {
        say(args, 0, &before_confirm(seconds))?;
    }
    let root = args.root.as_deref().unwrap_or(Path::new("/"));
    if n > 0 && !consent(args, "make these changes?")? {
        return say(args, 1, "nothing was changed\n");
    }
    let way = way(args, planned, world);
    let mut setting = Setting::new(root, &accounts(planned, world));
    if planned.plan.reload.is_some() && args.root.is_none() {
        setting.test = test(planned);
        setting.reload = way.iter().flat_map(|w| w.commands.clone()).collect();
    }
    let listening = proof::listening(planned);
    let done = make(args, planned, &mut setting)?;
    if let Some(done) = &done {
        told(args, done)?;
    }
    let reloaded = tell_daemon(args, planned, way)?;
    if let (Some(done), Some(_)) = (&done, args.confirm) {
        let kept = proof::await_login(args, planned, &setting, &done.id, &listening, reloaded)?;
        if !kept {
            return Ok(1);
        }
    }
    let told = planned.plan.reload.is_some() && reloaded && args.root.is_none();
    if told && args.confirm.is_none() {
        proof::listens_anew(planned, &listening);
    }
    if accepts_now(args, planned, reloaded, if told { LOOKS } else { 1 })? {
        let word = if planned.silent {
            "sshd would accept the login once it runs; start it (sshwhy audit names the command)\n"
        } else if reloaded {
            "sshd would accept the login now\n"
        } else {
            "sshd would accept the login once it has read its configuration\n"
        };
        return say(args, 0, word);
    }
    say(
        args,
        1,
        "the login is still refused: something else changed meanwhile; run the audit\n",
    )
}

/// Another look at the machine, as it is now; some, where the daemon is on its way to read its
/// files: what shows that it has (its process id's file) comes after its sockets.
fn accepts_now(args: &Fix, planned: &Planned, reloaded: bool, looks: u32) -> Result<bool, Failure> {
    for look in 0..looks {
        if look > 0 {
            std::thread::sleep(PAUSE);
        }
        let (found, _) = super::world(args)?;
        let mut now = After::of(&found, &[]);
        if !reloaded {
            // What is left to people is taken as done.
            now.reload();
        }
        let ok = |a| accepted(&now, &planned.config, a);
        if planned.attempts.iter().all(ok) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is covered while a login is waited for, and what is not: said before the change.
fn before_confirm(seconds: u32) -> String {
    let reboot = if confirm::has_systemd() {
        "a reboot before that takes it back, too"
    } else {
        "a reboot before that is not covered: no systemd runs here"
    };
    format!(
        "unless a new login keeps it, all of this goes back after {seconds} s, also when this \
         connection drops\n   = note: a login is made at once: with --key where that is a private \
         key, else with a throw-away key that is added and taken away again (a run of its own in \
         `sshwhy undo --list`)\n   = note: {reboot}\n"
    )
}

/// Makes the changes; with `--confirm` there is first of all somebody to take them back.
fn make(args: &Fix, planned: &Planned, setting: &mut Setting) -> Result<Option<Done>, Failure> {
    let Some(seconds) = args.confirm else {
        return apply(&planned.plan.changes, setting).map_err(failure);
    };
    setting.confirm = Some(confirm::terms(seconds));
    let Some(staged) = stage(&planned.plan.changes, setting).map_err(failure)? else {
        return Ok(None);
    };
    let program = std::env::current_exe().map_err(|e| {
        Failure::new(
            "cannot find this program",
            e.to_string(),
            "run it by its full path",
        )
    })?;
    match watch::start(staged.store(), staged.id(), seconds, &program, &[]) {
        Ok(_) => staged.carry_out().map(Some).map_err(failure),
        Err(t) => {
            staged.forget();
            Err(failure(t))
        }
    }
}

pub(super) fn say(args: &Fix, code: u8, text: &str) -> Result<u8, Failure> {
    output::print(&args.common, code, |out| out.write_all(text.as_bytes()))
}

/// Asks on the terminal. Without one there is no consent but `--yes`.
fn consent(args: &Fix, question: &str) -> Result<bool, Failure> {
    if args.yes {
        return Ok(true);
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        let help = "add --yes, or --dry-run if the plan is all you want";
        return Err(Failure::new(
            "nobody can be asked",
            "standard input is no terminal",
            help,
        ));
    }
    let mut err = io::stderr();
    let asked = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = asked.and_then(|()| stdin.lock().read_line(&mut answer));
    Ok(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

/// The accounts whose directories may be entered.
fn accounts(planned: &Planned, world: &LiveWorld) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::new();
    for attempt in &planned.attempts {
        if let Some(account) = world.account(&attempt.user).ok().flatten()
            && !out.contains(&account.uid)
        {
            out.push(account.uid);
        }
    }
    out
}

/// The real sshd's own test of its configuration.
fn test(planned: &Planned) -> Option<reload::Command> {
    if planned.build.software != Software::OpenSsh {
        return None;
    }
    let sshd = SSHD.into_iter().find(|p| Path::new(p).exists())?;
    Some(vec![
        sshd.into(),
        b"-t".to_vec(),
        b"-f".to_vec(),
        planned.config.clone(),
    ])
}

/// What makes the daemon read its files again.
fn way(args: &Fix, planned: &Planned, world: &LiveWorld) -> Option<Way> {
    let wanted = planned.plan.reload.as_ref()?;
    if args.root.is_some() {
        return None;
    }
    reload::find(&Asked {
        root: "/".into(),
        server: match planned.build.software {
            Software::OpenSsh => Server::OpenSsh,
            Software::Dropbear => Server::Dropbear,
        },
        pid: world.daemon().ok().flatten().and_then(|d| d.pid),
        listener: wanted.listener,
        restart: wanted.restart,
    })
}

/// Says what was done, and how it is taken back.
fn told(args: &Fix, done: &Done) -> Result<(), Failure> {
    output::print(&args.common, 0, |out| {
        writeln!(out, "done: run {}", done.id)?;
        writeln!(out, "   = help: to take it back:  sshwhy undo {}", done.id)?;
        if let Some(rests) = &done.rests {
            writeln!(
                out,
                "   = note: {}: {}",
                shown(rests.what().as_bytes()),
                shown(rests.why().as_bytes())
            )?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The running daemon reads its files again, if that is wanted and allowed. `true`: it has, or
/// need not.
fn tell_daemon(args: &Fix, planned: &Planned, way: Option<Way>) -> Result<bool, Failure> {
    if planned.plan.reload.is_none() {
        return Ok(true);
    }
    if planned.silent {
        return Ok(true);
    }
    let Some(way) = way else {
        let text = "sshd reads the new configuration at its next start\n";
        say(args, 0, text)?;
        return Ok(false);
    };
    if way.commands.is_empty() {
        say(args, 0, &format!("{}: {}\n", way.name, way.note))?;
        return Ok(true);
    }
    let commands: Vec<String> = way
        .commands
        .iter()
        .map(|c| c.iter().map(|w| shown(w)).collect::<Vec<_>>().join(" "))
        .collect();
    let commands = commands.join(" && ");
    if args.no_reload || !consent(args, &format!("run `{commands}`?"))? {
        say(args, 0, &format!("left to you:  {commands}\n"))?;
        return Ok(false);
    }
    reload::carry_out(&way.commands).map_err(|(command, said)| {
        let words: Vec<String> = command.iter().map(|w| shown(w)).collect();
        Failure::new(
            format!("{} failed", words.join(" ")),
            shown(&said),
            "the files are changed and the running sshd works with the old ones; `sshwhy undo` \
             takes them back",
        )
    })?;
    say(args, 0, &format!("{}: done\n", way.name))?;
    Ok(true)
}

pub(super) fn failure(trouble: Trouble) -> Failure {
    let mut why = trouble.why();
    if !trouble.left.is_empty() {
        let left: Vec<String> = trouble.left.iter().map(|p| shown(p)).collect();
        why.push_str("; not taken back: ");
        why.push_str(&left.join(", "));
    }
    Failure::new(trouble.what(), why, trouble.help())
}
