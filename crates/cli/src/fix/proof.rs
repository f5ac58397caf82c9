//! `fix --confirm`: a new login proves the change, or the person does, or it goes back.

use super::Planned;
use super::args::Fix;
use super::consent::{failure, say};
use crate::audit;
use crate::failure::Failure;
use crate::file;
use sshwhy_mend::apply::Setting;
use sshwhy_mend::confirm::{self, Knows};
use sshwhy_mend::confirm_proof::{self as proof, Listener, Own};
use sshwhy_mend::journal::{Phase, Store};
use sshwhy_report::safe::shown;
use sshwhy_verdict::{Server, key_files, local_ends};
use sshwhy_world::{Feature, World};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Most bytes of a private key file.
const LIMIT: u64 = 1 << 20;
/// How often is looked whether the run was kept or went back.
const PAUSE: Duration = Duration::from_millis(200);
/// Most accounts that are each proven by a login.
const MOST: usize = 16;

/// The sockets that the daemon listens with before it is told to read its files again.
pub(super) fn listening(planned: &Planned) -> BTreeSet<Listener> {
    let port = planned.attempts.first().map(|a| a.to.port);
    port.map(proof::listeners).unwrap_or_default()
}

/// Waits until the daemon, which was told to, listens anew.
pub(super) fn listens_anew(planned: &Planned, before: &BTreeSet<Listener>) {
    if let (Some(attempt), false) = (planned.attempts.first(), before.is_empty()) {
        proof::listens_anew(before, attempt.to.port);
    }
}

/// From now on a new login may keep the run: our own first, then the person's, until the time is
/// up. `reloaded`: the daemon works with the changed files. `true`: it is kept.
pub(super) fn await_login(
    args: &Fix,
    planned: &Planned,
    setting: &Setting,
    id: &str,
    before: &BTreeSet<Listener>,
    reloaded: bool,
) -> Result<bool, Failure> {
    let store = Store::open(&setting.store).map_err(failure)?;
    let told = planned.plan.reload.is_some() && reloaded;
    let server = Proof::find(args, planned, told.then_some(before))?;
    confirm::ready(&store, id).map_err(failure)?;
    if reloaded {
        match server.logins(args, planned, setting, id) {
            Ok(said) => {
                say(args, 0, &said)?;
                return match confirm::keep(&store, id) {
                    Ok(()) => say(args, 0, &format!("kept: run {id}\n")).map(|_| true),
                    Err(t) => Err(failure(t)),
                };
            }
            Err(why) => say(args, 0, &why)?,
        };
    } else {
        let text = "no new login was tried: sshd has not read the changed files yet\n";
        say(args, 0, text)?;
    }
    let seconds = args.confirm.unwrap_or(0);
    let text = format!(
        "it goes back {seconds} s after it was made\n   = help: log in anew and run there:  \
         sshwhy undo --keep {id}\n"
    );
    say(args, 0, &text)?;
    loop {
        match store.phase(id) {
            Phase::Unconfirmed | Phase::Undoing => std::thread::sleep(PAUSE),
            Phase::Applied => return say(args, 0, &format!("kept: run {id}\n")).map(|_| true),
            Phase::Undone => {
                let text = format!("nobody kept it: everything went back, run {id}\n");
                return say(args, 1, &text).map(|_| false);
            }
            other => {
                return Err(Failure::new(
                    format!("run {id} is neither kept nor taken back"),
                    format!("it is {}", other.word()),
                    format!("see what stands in the way:  sshwhy undo {id} --dry-run"),
                ));
            }
        }
    }
}

/// What a login of ours needs.
struct Proof {
    to: SocketAddr,
    knows: Knows,
    /// Of each account the key files, by the names that the server has for them.
    files: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    own: Vec<Own>,
}

impl Proof {
    /// `before`: the daemon was told to read its files again, and listened with these sockets.
    fn find(
        args: &Fix,
        planned: &Planned,
        before: Option<&BTreeSet<Listener>>,
    ) -> Result<Proof, Failure> {
        let world = audit::world(&args.as_audit())?;
        let server = Server::read(&world, &planned.config);
        let port = match args.to {
            Some(to) => to.port(),
            None => local_ends(&server).first().map_or(22, |end| end.port),
        };
        if let Some(before) = before {
            proof::listens_anew(before, port);
        }
        let mut files: Vec<(Vec<u8>, Vec<Vec<u8>>)> = Vec::new();
        for attempt in &planned.attempts {
            if files.iter().all(|(user, _)| *user != attempt.user) {
                let account = world.account(&attempt.user).ok().flatten();
                let names = account.map(|a| key_files(&server, &a)).unwrap_or_default();
                files.push((attempt.user.clone(), names));
            }
        }
        let own = args.key.iter().filter_map(|k| {
            let text = file::read(Path::new(k), LIMIT).ok()?;
            Own::from_file(&text)
        });
        Ok(Proof {
            to: args
                .to
                .unwrap_or_else(|| proof::end(&proof::listeners(port), port)),
            knows: Knows {
                restrict: planned.build.has(Feature::Restrict),
                expiry: planned.build.has(Feature::ExpiryUtc),
            },
            files,
            own: own.collect(),
        })
    }

    /// One login of each account. `Err`: what failed, to be said.
    fn logins(
        &self,
        args: &Fix,
        planned: &Planned,
        setting: &Setting,
        id: &str,
    ) -> Result<String, String> {
        if self.files.len() > MOST {
            return Err(format!(
                "no new login was tried: {} accounts are too many\n",
                self.files.len()
            ));
        }
        let mut said = String::new();
        for (user, files) in &self.files {
            let name = shown(user);
            let mine = |own: &&Own| {
                let blob = own.blob();
                planned.attempts.iter().any(|a| {
                    a.user == *user
                        && a.key.as_ref().is_some_and(|k| {
                            let plain = k.key.as_ref().ok().map(|k| k.plain_blob().to_vec());
                            k.blob == blob || plain == Some(blob.clone())
                        })
                })
            };
            let (how, outcome) = match self.own.iter().find(mine) {
                Some(own) => ("its own key", Ok(proof::by_own_key(self.to, user, own))),
                None => {
                    let login_as = (user.as_slice(), self.to);
                    let tried = proof::by_throw_away(setting, id, files, self.knows, login_as);
                    ("a throw-away key", tried)
                }
            };
            let why = match outcome {
                Ok(Ok(from)) => {
                    said.push_str(&format!(
                        "a new login as {name} with {how} from {} succeeded\n",
                        from.ip()
                    ));
                    continue;
                }
                Ok(Err(why)) => shown(why.as_bytes()),
                Err(t) => shown(format!("{}: {}", t.what(), t.why()).as_bytes()),
            };
            return Err(format!(
                "{said}no new login as {name} with {how}\n   = why:  {why}\n"
            ));
        }
        said.push_str(&format!("   = note: {}\n", self.proven(args)));
        Ok(said)
    }

    /// What a login from here says, and what it does not.
    fn proven(&self, args: &Fix) -> String {
        let from = args.from.as_ref().map(|f| f.addr);
        let about = match from {
            Some(addr) if addr == self.to.ip() => return format!("it came from {addr}, as asked"),
            Some(addr) => format!("{addr}"),
            None => "clients elsewhere".to_owned(),
        };
        format!(
            "it proves the address class of {} alone: a Match block, from= or a firewall may \
             answer {about} otherwise",
            self.to.ip()
        )
    }
}
