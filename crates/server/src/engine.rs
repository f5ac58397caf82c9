//! The decision: one question, one answer, by the same engine as `audit`.

use crate::folder::{self, Folder};
use crate::told::{Told, told};
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_index::Cache;
use sshwhy_keys::SigAlg;
use sshwhy_verdict::{
    Doorway, Grant, Judgement, Server, Verdict, doorway, grant, judge, local_ends,
};
use sshwhy_world::{
    Attempt, Build, Daemon, Fact, Local, OfferedKey, Peer, Reader, World, read_all,
};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Most bytes of a key file that are read to look at one line of it.
const LINE_FILE: usize = 16 << 20;

/// By whose files it is decided.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder of keys, for one account.
    Folder(Folder),
    /// This machine, or a tree that stands for one, as its sshd would decide.
    Machine {
        /// The root of a mounted or scratch tree; `None`: this machine.
        root: Option<PathBuf>,
        /// The configuration; with `root` a path inside it.
        config: Vec<u8>,
        /// The sshd to decide as. `None`: the one found there.
        build: Option<Build>,
        /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would.
        run_commands: bool,
        /// Indexes of large key files, made as they are needed.
        indexes: Cache,
    },
    /// A world that is there for other reasons: a written one, a mended copy.
    Given(Given),
}

/// Calls what it is given with a world.
type WithWorld = dyn Fn(&mut dyn FnMut(&dyn World)) + Send + Sync;

/// A world of the caller's.
#[derive(Clone)]
pub struct Given {
    /// Hands the world over, for each decision anew.
    pub with: Arc<WithWorld>,
    /// The configuration, a path in it.
    pub config: Vec<u8>,
    /// The ends to judge by, whatever those of the connection are.
    pub ends: Option<(Peer, Local)>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").finish_non_exhaustive()
    }
}

/// A key, or a certificate, as it was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The blob.
    pub(crate) blob: Vec<u8>,
    /// The signature algorithm announced; empty where that is not known.
    pub(crate) algorithm: Vec<u8>,
}

/// What a signature proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// There was none: the key was asked about.
    None,
    /// It does not hold, or this program cannot check it.
    Bad,
    /// It holds; the flags are those of a FIDO signature.
    Good {
        /// The user touched the token.
        touched: bool,
        /// The token verified its user.
        verified: bool,
    },
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The user name as it was sent.
    pub(crate) user: Vec<u8>,
    /// The key; `None` where none was offered.
    pub(crate) key: Option<Key>,
    /// What is proven.
    pub(crate) proof: Proof,
    /// The client's end.
    pub(crate) from: SocketAddr,
    /// The server's end.
    pub(crate) to: SocketAddr,
}

/// The answer to one question.
#[derive(Clone)]
pub(crate) struct Answer {
    /// Everything, for the operator.
    pub(crate) judgement: Judgement,
    /// What the holder of the key may hear.
    pub(crate) told: Told,
    /// What the session has to respect, where the key is accepted.
    pub(crate) grant: Option<Grant>,
    /// The build that was decided as: its banner and its name.
    pub(crate) build: (String, String),
}

/// Decides. Every file is looked at now: nothing is kept from one decision to the next.
///
/// # Errors
/// The source cannot be read at all; the words are for the operator.
pub(crate) fn decide(source: &Source, question: &Question) -> Result<Answer, String> {
    let mut answer = with(source, &mut |world, config, ends| {
        by(world, config, question, ends)
    })?;
    if let Source::Folder(folder) = source {
        folder::speaks_of_itself_alone(folder, &mut answer.judgement);
    }
    Ok(answer)
}

/// What sshd would answer before a key is looked at.
///
/// # Errors
/// As of [`decide`].
pub(crate) fn at_the_door(source: &Source, question: &Question) -> Result<Doorway, String> {
    with(source, &mut |world, config, ends| {
        let server = Server::read(world, config);
        doorway(&server, world, &attempt(&server, question, ends))
    })
}

/// A question of one world and its configuration; with the ends to judge by, where they are given.
type Asked<'a, T> = dyn FnMut(&dyn World, &[u8], Option<&(Peer, Local)>) -> T + 'a;

/// Asks a source's world.
fn with<T>(source: &Source, ask: &mut Asked<'_, T>) -> Result<T, String> {
    match source {
        Source::Folder(folder) => {
            let world = folder
                .world()
                .map_err(|e| format!("cannot read {}: {e}", folder.path.display()))?;
            Ok(ask(&world, folder::CONFIG, None))
        }
        Source::Machine {
            root,
            config,
            build,
            run_commands,
            indexes,
        } => {
            let options = Options {
                root: root.clone(),
                build: build.clone(),
                sshd_config: Some(config.clone()),
                run_commands: *run_commands,
                look_up_names: true,
                indexes: Some(indexes.clone()),
                // An sshd that is started now, with these files. A mounted disk does not say what
                // lies on its own /run.
                daemon: root.is_none().then(started_now),
                ..Options::default()
            };
            let world = LiveWorld::new(options).map_err(|e| e.to_string())?;
            Ok(ask(&world, config, None))
        }
        Source::Given(given) => {
            let mut answer = None;
            (given.with)(&mut |world| {
                answer = Some(ask(world, &given.config, given.ends.as_ref()));
            });
            answer.ok_or_else(|| "no world was given".to_owned())
        }
    }
}

/// What would be decided of an account whatever its key: for the start of a server, which nobody has
/// asked anything yet. No command is run for it.
///
/// # Errors
/// The source cannot be read at all; the words are for the operator.
pub fn preview(source: &Source, user: &[u8]) -> Result<Judgement, String> {
    let mut source = source.clone();
    if let Source::Machine { run_commands, .. } = &mut source {
        *run_commands = false;
    }
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    let question = Question {
        user: user.to_vec(),
        key: None,
        proof: Proof::None,
        from: here,
        to: here,
    };
    decide(&source, &question).map(|a| a.judgement)
}

/// `sshd -i`: it looks at its configuration and what else it needs when the connection comes.
fn started_now() -> Daemon {
    Daemon {
        listening: true,
        per_connection: true,
        ..Daemon::default()
    }
}

fn by(
    world: &dyn World,
    config: &[u8],
    question: &Question,
    ends: Option<&(Peer, Local)>,
) -> Answer {
    let server = Server::read(world, config);
    let attempt = attempt(&server, question, ends);
    let mut judgement = judge(&server, world, &attempt);
    if question.key.is_none() && judgement.verdict == Verdict::Accept {
        // Nothing stops the account: what becomes of a key is not known without one.
        judgement.verdict = Verdict::Undetermined;
    }
    let blob = question.key.as_ref().map_or(&[][..], |k| &k.blob);
    let told = told(&judgement, blob, &mut |path, line| {
        line_of(world, path, line)
    });
    let build = world.build();
    Answer {
        grant: grant(&server, world, &attempt).ok().flatten(),
        told,
        build: (build.banner.clone(), build.name.clone()),
        judgement,
    }
}

/// The question as the engine takes it.
fn attempt(server: &Server, question: &Question, ends: Option<&(Peer, Local)>) -> Attempt {
    let key = question.key.as_ref().map(|k| offered(k, question.proof));
    // The port that clients of the real sshd connect to: this server stands in its place.
    let port = local_ends(server)
        .first()
        .map_or(question.to.port(), |end| end.port);
    let (from, to) = ends.cloned().unwrap_or_else(|| {
        let from = Peer {
            addr: question.from.ip().to_canonical(),
            host: None,
        };
        let to = Local {
            addr: question.to.ip().to_canonical(),
            port,
        };
        (from, to)
    });
    Attempt {
        user: question.user.clone(),
        key,
        from,
        to,
    }
}

/// The key as the engine takes it.
fn offered(key: &Key, proof: Proof) -> OfferedKey {
    let mut out = OfferedKey::new(key.blob.clone(), Vec::new());
    if !key.algorithm.is_empty() {
        out.algorithms = vec![SigAlg::from_name(&key.algorithm)];
    }
    match proof {
        // What the signature would be is not known: the question is whether the key is taken.
        Proof::None => {}
        Proof::Bad => out.signature_good = false,
        Proof::Good { touched, verified } => {
            out.touch = touched;
            out.verified = Some(verified);
        }
    }
    out
}

/// The line as it stands in the file, without its newline.
fn line_of(world: &dyn World, path: &[u8], line: u64) -> Option<Vec<u8>> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    match read_all(world, path, Reader::Root, LINE_FILE) {
        Fact::Known(Ok((text, _))) => text.split(|b| *b == b'\n').nth(index).map(<[u8]>::to_vec),
        _ => None,
    }
}
