//! The documents of `sshwhy agent`, schema sshwhy/1.

use super::found::Found;
use serde::Serialize;
use sshwhy_causes::{Args, Finding, Where, template};
use sshwhy_report::safe;

const SCHEMA: &str = "sshwhy/1";

/// What `agent start` says.
#[derive(Serialize)]
pub(super) struct Started {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    agent: StartedAgent,
}

#[derive(Serialize)]
struct StartedAgent {
    path: String,
    pid: u32,
}

impl Started {
    pub(super) fn new(path: String, pid: u32) -> Started {
        Started {
            schema: SCHEMA,
            command: "agent start",
            results: [],
            agent: StartedAgent { path, pid },
        }
    }
}

/// What `agent list` and `agent test` say.
#[derive(Serialize)]
pub(super) struct Report {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    agents: Vec<Agent>,
    causes: Vec<Cause>,
    /// What was done, or was not, a line each: `agent add` and its like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<String>,
}

#[derive(Serialize)]
struct Agent {
    origin: &'static str,
    path: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked: Option<bool>,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    #[serde(rename = "type")]
    key_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<u32>,
    fingerprint: String,
    comment: String,
    /// Place in the order in which a client offers the keys, from 1.
    position: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destinations: Option<Vec<String>>,
    /// For certain destinations alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    signatures: Vec<Signature>,
}

#[derive(Serialize)]
struct Signature {
    algorithm: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

#[derive(Serialize)]
struct Cause {
    id: &'static str,
    certainty: &'static str,
    stage: &'static str,
    title: String,
    fixes: Vec<Fix>,
}

#[derive(Serialize)]
struct Fix {
    #[serde(rename = "where")]
    at: &'static str,
    #[serde(rename = "as")]
    by: &'static str,
    text: String,
    commands: Vec<String>,
    safety: &'static str,
}

fn words(text: &'static str, args: &Args) -> Option<String> {
    template::sentence(text, args).map(|s| safe::json(&s))
}

impl Report {
    pub(super) fn new(command: &'static str, agents: &[Found], causes: &[Finding]) -> Report {
        Report {
            schema: SCHEMA,
            command,
            results: [],
            agents: agents.iter().map(agent).collect(),
            causes: causes.iter().map(cause).collect(),
            messages: Vec::new(),
        }
    }

    /// A report of what was done.
    pub(super) fn of_lines(text: &str) -> Report {
        Report {
            messages: text.lines().map(|l| safe::json(l.as_bytes())).collect(),
            ..Report::new("agent", &[], &[])
        }
    }
}

fn agent(found: &Found) -> Agent {
    Agent {
        origin: found.origin.name(),
        path: safe::json(found.path.as_os_str().as_encoded_bytes()),
        state: found.state.word(),
        process: found.process.as_deref().map(safe::json),
        pid: found.pid,
        locked: found.locked,
        keys: found
            .keys
            .iter()
            .enumerate()
            .map(|(n, key)| Key {
                key_type: key.type_name(),
                bits: key.public.as_ref().map(|p| p.bits()),
                fingerprint: key.fingerprint(),
                comment: safe::json(&key.comment),
                position: n + 1,
                encrypted: key.encrypted,
                confirm: key.limits.as_ref().map(|l| l.confirm),
                lifetime: key.limits.as_ref().and_then(|l| l.lifetime),
                destinations: key
                    .limits
                    .as_ref()
                    .map(|l| l.destinations.iter().map(|d| safe::json(d)).collect()),
                bound: key.bound,
                signatures: key
                    .trials
                    .iter()
                    .map(|t| Signature {
                        algorithm: t.algorithm.to_string(),
                        outcome: t.outcome.word(),
                        detail: t.outcome.detail(),
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn cause(finding: &Finding) -> Cause {
    let cause = finding.cause;
    let fixes = cause.fixes.iter().filter_map(|fix| {
        let commands = fix.commands.iter();
        let commands: Option<Vec<String>> = commands
            .map(|c| template::command(c, &finding.args).map(|c| safe::json(&c)))
            .collect();
        Some(Fix {
            at: match fix.at {
                Where::Server => "server",
                Where::Client => "client",
            },
            by: "you",
            text: words(fix.text, &finding.args)?,
            commands: commands?,
            safety: fix.safety.word(),
        })
    });
    Cause {
        id: cause.id,
        certainty: finding.certainty.word(),
        stage: cause.stage.word(),
        title: words(cause.title, &finding.args).unwrap_or_else(|| cause.id.replace('-', " ")),
        fixes: fixes.collect(),
    }
}
