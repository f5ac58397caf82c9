//! `sshwhy agent`: agents that hold keys, theirs and ours.
//!
//! **Invariants.** Nothing but SSHSIG-framed data of our own namespace is ever signed. No secret
//! reaches an argument or the output.

mod add;
pub mod args;
mod change;
mod found;
mod json;
mod list;
mod start;
mod trial;
mod who;

use crate::args::{Common, Format};
use crate::failure::Failure;
use crate::{key, output};
use args::{Action, Agent, Which};
use found::{Found, Key, Standing};
use sshwhy_agent::Client;
use sshwhy_agent::find::{self, Origin, Place, State};
use sshwhy_causes::{Certainty, Finding, by_id, template};
use sshwhy_report::{Grade, Message};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Runs what was asked for.
pub(crate) fn run(agent: &Agent) -> Result<u8, Failure> {
    match &agent.action {
        Action::List(a) => list::run(a),
        Action::Add(a) => {
            key::hold::hold_secrets(&a.common);
            add::run(a)
        }
        Action::Remove(a) => change::remove(a),
        Action::Lock(a) => change::lock(a, true),
        Action::Unlock(a) => change::lock(a, false),
        Action::Test(a) => trial::run(a),
        Action::Start(a) => start::run(a),
        Action::Stop(a) => start::stop(a),
    }
}

/// The socket that is named, or that of the environment.
fn socket_path(which: &Which) -> Option<PathBuf> {
    let env = || std::env::var_os("SSH_AUTH_SOCK").filter(|v| !v.is_empty());
    which.socket.clone().or_else(|| env().map(PathBuf::from))
}

fn place(which: &Which) -> Option<Place> {
    let origin = match which.socket {
        Some(_) => Origin::Given,
        None => Origin::Environment,
    };
    socket_path(which).map(|path| Place { origin, path })
}

/// A connection to the agent that is asked for, or why there is none.
fn connect(which: &Which) -> Result<Client<UnixStream>, Box<Finding>> {
    let Some(place) = place(which) else {
        return Err(Box::new(not_running("SSH_AUTH_SOCK is not set")));
    };
    // An agent that is silent is not waited for as one that asks its person is.
    let found = found::ask(&place);
    if !matches!(found.state, Standing::Answers) {
        return Err(Box::new(unreachable(&found)));
    }
    match find::open(&place.path, Some(found::PERSON)) {
        State::Listens(stream) => Ok(Client::new(stream).patient(found::PERSON)),
        _ => Err(Box::new(unreachable(&found::ask(&place)))),
    }
}

fn finding(id: &str) -> Finding {
    // The id stands in the catalogue; a test holds that.
    by_id(id).map_or_else(
        || Finding::new(&sshwhy_causes::offer::agent_not_running::CAUSE),
        Finding::new,
    )
}

fn not_running(reason: &str) -> Finding {
    finding("agent-not-running").arg("reason", reason)
}

/// Why an agent does not answer.
fn unreachable(found: &Found) -> Finding {
    let path = found.path.as_os_str().as_bytes();
    let shown = found.path.display();
    let login = std::env::var_os("SSH_CONNECTION").is_some();
    let from_sshd =
        sshwhy_agent::find::is_forwarded(&found.path, login && found.origin == Origin::Environment);
    match &found.state {
        Standing::Absent if from_sshd => finding("agent-forwarding-gone").arg("path", path),
        Standing::Stale => {
            let id = if from_sshd {
                "agent-forwarding-gone"
            } else {
                "agent-socket-stale"
            };
            finding(id)
                .arg("path", path)
                .arg("origin", found.origin.name())
        }
        Standing::Absent => not_running(&format!("there is no {shown}")),
        Standing::NotASocket => not_running(&format!("{shown} is no socket")),
        Standing::Denied => not_running(&format!("{shown} is not yours to use")),
        Standing::Silent(why) => not_running(&format!("{shown}: {why}")),
        Standing::Answers => not_running(&format!("{shown} answered at last: try again")),
    }
}

fn locked(found: &Found) -> Finding {
    let mut finding = finding("agent-locked").arg("path", found.path.as_os_str().as_bytes());
    // An ssh-agent before 8.9 that is empty looks the same.
    if found.kind != who::Kind::Ours {
        finding.certainty = Certainty::Likely;
    }
    finding
}

/// Why an agent shows no key at all: it is locked, or empty; both, where that cannot be told.
fn shows_nothing(found: &Found) -> Vec<Finding> {
    let any = Named {
        name: b"any key".to_vec(),
        blobs: Vec::new(),
    };
    match found.locked {
        Some(true) => vec![locked(found)],
        Some(false) => vec![absent(&any, found)],
        None => {
            let mut both = vec![absent(&any, found), locked(found)];
            for f in &mut both {
                f.certainty = Certainty::Likely;
            }
            both
        }
    }
}

/// A key that is for certain destinations alone.
fn constrained(found: &Found, key: &Key, named: Option<&Named>) -> Option<Finding> {
    if key.bound != Some(true) {
        return None;
    }
    let told = key.limits.iter().flat_map(|l| &l.destinations);
    let told: Vec<String> = told
        .map(|d| String::from_utf8_lossy(d).into_owned())
        .collect();
    let allowed = match told.is_empty() {
        true => "certain hosts, which this agent does not tell".to_owned(),
        false => told.join(", "),
    };
    let mut out = finding("client-agent-constraint")
        .arg("path", found.path.as_os_str().as_bytes())
        .arg("fingerprint", key.fingerprint())
        .arg("allowed", allowed);
    if let Some(file) = named.and_then(Named::file) {
        out = out.arg("file", file);
    }
    Some(out)
}

/// A finding, in rustc's manner.
fn message(finding: &Finding) -> Message {
    let cause = finding.cause;
    let say = |text: &'static str| {
        let said = template::sentence(text, &finding.args).filter(|s| !s.is_empty());
        said.map(|s| String::from_utf8_lossy(&s).into_owned())
    };
    let mut facts = Vec::new();
    facts.extend(say(cause.rule).map(|t| ("rule", t)));
    facts.extend(say(cause.note).map(|t| ("note", t)));
    for fix in cause.fixes {
        let Some(text) = say(fix.text) else { continue };
        let commands = fix.commands.iter();
        let commands: Option<Vec<String>> = commands
            .map(|c| {
                let command = template::command(c, &finding.args)?;
                Some(String::from_utf8_lossy(&command).into_owned())
            })
            .collect();
        if let Some(commands) = commands {
            let mut help = text;
            if !commands.is_empty() {
                help.push_str(":  ");
                help.push_str(&commands.join("; "));
            }
            facts.push(("help", help));
        }
    }
    facts.push(("more", format!("sshwhy explain {}", cause.id)));
    Message {
        grade: match finding.certainty {
            Certainty::Certain => Grade::Bad,
            _ => Grade::Open,
        },
        word: match finding.certainty {
            Certainty::Certain => "found",
            Certainty::Likely => "likely",
            Certainty::Possible => "may be",
        },
        id: cause.id,
        title: say(cause.title).unwrap_or_else(|| cause.id.replace('-', " ")),
        evidence: Vec::new(),
        facts,
    }
}

/// Prints findings alone.
fn report(
    common: &Common,
    command: &'static str,
    found: &[Found],
    findings: &[Finding],
    code: u8,
) -> Result<u8, Failure> {
    output::print(common, code, |out| match common.format {
        Format::Json => {
            sshwhy_report::json::write(&json::Report::new(command, found, findings), out)
        }
        Format::Text => findings.iter().enumerate().try_for_each(|(n, f)| {
            if n > 0 {
                writeln!(out)?;
            }
            message(f).render(out)
        }),
    })
}

/// A key as the asker names it: a file, a fingerprint, a comment.
struct Named {
    name: Vec<u8>,
    blobs: Vec<Vec<u8>>,
}

impl Named {
    fn read(arg: &OsStr) -> Named {
        let name = arg.as_bytes().to_vec();
        let mut blobs = Vec::new();
        if let Ok(data) = std::fs::read(Path::new(arg)) {
            if let Ok(public) = sshwhy_keys::load_public(&data) {
                blobs.push(public.key.blob().to_vec());
            } else if let Some(public) = sshwhy_keyfile::read(&data).ok().and_then(|f| f.public) {
                blobs.push(public.blob().to_vec());
            }
        }
        Named { name, blobs }
    }

    fn is(&self, key: &found::Key) -> bool {
        if !self.blobs.is_empty() {
            return self.blobs.contains(&key.blob);
        }
        let md5 = key.public.as_ref().map(|p| p.fingerprint_md5());
        key.fingerprint().as_bytes() == self.name
            || md5.is_some_and(|m| m.as_bytes() == self.name)
            || key.comment == self.name
    }

    /// The private key file to add: the one that was named, or the one whose `.pub` was.
    fn file(&self) -> Option<&[u8]> {
        if self.blobs.is_empty() {
            return None;
        }
        let Some(stem) = self.name.strip_suffix(b".pub") else {
            return Some(&self.name);
        };
        let stem = stem.strip_suffix(b"-cert").unwrap_or(stem);
        Path::new(OsStr::from_bytes(stem)).exists().then_some(stem)
    }

    /// What it is called in a message.
    fn shown(&self) -> Vec<u8> {
        match self.blobs.first() {
            Some(blob) => {
                let name = String::from_utf8_lossy(&self.name).into_owned();
                format!("{} ({name})", sshwhy_keys::fingerprint::sha256(blob)).into_bytes()
            }
            None => self.name.clone(),
        }
    }
}

fn absent(named: &Named, found: &Found) -> Finding {
    let mut absent = finding("key-not-in-agent")
        .arg("path", found.path.as_os_str().as_bytes())
        .arg("fingerprint", named.shown())
        .arg("count", found.keys.len().to_string());
    if let Some(file) = named.file() {
        absent = absent.arg("file", file);
    }
    absent
}

/// Says in one line what was done.
fn done(common: &Common, code: u8, text: &str) -> Result<u8, Failure> {
    output::print(common, code, |out| match common.format {
        Format::Json => sshwhy_report::json::write(&json::Report::of_lines(text), out),
        Format::Text => text
            .lines()
            .try_for_each(|line| writeln!(out, "{}", sshwhy_report::safe::shown(line.as_bytes()))),
    })
}

fn no_answer(e: &sshwhy_agent::ClientError) -> Failure {
    Failure::new(
        "the agent gave no answer",
        e.to_string(),
        "see which agent it is: sshwhy agent list",
    )
}

/// Reads a file that holds a secret, without leaving a copy behind.
fn read_secret(path: &Path) -> io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let source =
        key::source::Source::open_whole(path.as_os_str()).map_err(|f| io::Error::other(f.why))?;
    Ok(source.data)
}
