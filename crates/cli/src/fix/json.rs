//! A plan as JSON, schema `sshwhy/1`: the key `plan`, with what the guard says beside it.

use super::Planned;
use super::text::{Line, diff, place, touched};
use serde::Serialize;
use sshwhy_mend::logins::{Difference, Means};
use sshwhy_mend::{Change, What};
use sshwhy_report::{json, safe};
use std::io::{self, Write};

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    server: Server,
    results: [(); 0],
    plan: PlanDoc,
    guard: GuardDoc,
}

#[derive(Serialize)]
pub(crate) struct Server {
    pub(crate) software: String,
    pub(crate) build: String,
    pub(crate) config: String,
}

#[derive(Serialize)]
struct PlanDoc {
    subjects: Vec<String>,
    accepts: bool,
    /// Whether an sshd listens now.
    listening: bool,
    changes: Vec<ChangeDoc>,
    ask: Vec<LeftDoc>,
    not_done: Vec<LeftDoc>,
    missing: Vec<MissingDoc>,
    reload: Option<ReloadDoc>,
}

#[derive(Serialize)]
struct ChangeDoc {
    path: String,
    kind: &'static str,
    causes: Vec<&'static str>,
    safety: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid_before: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gid_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_after: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diff: Vec<DiffDoc>,
    touches: Vec<String>,
}

#[derive(Serialize)]
struct DiffDoc {
    line: usize,
    change: &'static str,
    text: String,
}

#[derive(Serialize)]
struct LeftDoc {
    cause: &'static str,
    what: String,
    ask: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    commands: Vec<String>,
}

#[derive(Serialize)]
struct MissingDoc {
    what: String,
    why: String,
    get: String,
}

#[derive(Serialize)]
struct ReloadDoc {
    files: Vec<String>,
    listener: bool,
    restart: bool,
}

#[derive(Serialize)]
struct GuardDoc {
    allows: bool,
    logins: usize,
    lost: Vec<LoginDoc>,
    gained: Vec<LoginDoc>,
}

/// A login that another world answers otherwise.
#[derive(Serialize)]
pub(crate) struct LoginDoc {
    user: String,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    source: String,
    from: String,
    place: String,
    to: String,
    before: &'static str,
    after: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decided_by: Option<String>,
    other_way: bool,
}

pub(crate) fn login(d: &Difference) -> LoginDoc {
    let (fingerprint, ca) = match &d.means {
        Means::Key { fingerprint, .. } => (Some(fingerprint.clone()), None),
        Means::Certificate { ca } => (None, Some(ca.clone())),
        Means::Password => (None, None),
    };
    LoginDoc {
        user: safe::json(&d.user),
        method: d.means.method(),
        fingerprint,
        ca,
        source: safe::json(&d.source),
        from: d.peer.addr.to_string(),
        place: place(d),
        to: std::net::SocketAddr::new(d.to.addr, d.to.port).to_string(),
        before: super::verdict_word(d.before),
        after: super::verdict_word(d.after),
        cause: d.because.as_ref().map(|f| f.cause.id),
        decided_by: d.decided_by().map(|p| safe::json(&p)),
        other_way: d.other_way,
    }
}

fn change(c: &Change) -> ChangeDoc {
    let octal = |mode: u32| format!("{mode:04o}");
    let before = c.before.as_ref();
    let mut doc = ChangeDoc {
        path: safe::json(&c.path),
        kind: "",
        causes: c.reasons.clone(),
        safety: c.safety.word(),
        mode_before: before.map(|n| octal(n.mode)),
        mode_after: None,
        uid_before: before.map(|n| n.uid),
        uid_after: None,
        gid_after: None,
        label_after: None,
        diff: Vec::new(),
        touches: c.touches.iter().map(touched).collect(),
    };
    let mut made = |m: &sshwhy_mend::Made| {
        doc.mode_after = Some(octal(m.mode));
        doc.uid_after = Some(m.uid);
        doc.gid_after = Some(m.gid);
    };
    doc.kind = match &c.what {
        What::Mode { to } => {
            doc.mode_after = Some(octal(*to));
            "mode"
        }
        What::Owner { uid, gid } => {
            doc.uid_after = Some(*uid);
            doc.gid_after = *gid;
            "owner"
        }
        What::Acl { .. } => "acl",
        What::Label { to } => {
            doc.label_after = to.as_ref().map(|l| safe::json(l));
            "label"
        }
        What::Write {
            before, made: m, ..
        } => {
            if before.is_none() {
                made(m);
            }
            "write"
        }
        What::MakeDir(m) => {
            made(m);
            "directory"
        }
        What::Replace { made: m, .. } => {
            made(m);
            "replace"
        }
        What::Remove { .. } => "remove",
    };
    if let Some((old, new)) = c.bytes() {
        for line in diff(old, new) {
            let (line, change, text) = match line {
                Line::Old(n, text) => (n, "removed", text),
                Line::New(n, text) => (n, "added", text),
                Line::Note(text) => (0, "note", text),
            };
            doc.diff.push(DiffDoc { line, change, text });
        }
    }
    doc
}

fn words(all: &[Vec<u8>]) -> Vec<String> {
    all.iter().map(|w| safe::json(w)).collect()
}

pub(crate) fn render(planned: &Planned, out: &mut dyn Write) -> io::Result<()> {
    let plan = &planned.plan;
    let doc = Doc {
        schema: "sshwhy/1",
        command: "fix",
        server: Server {
            software: planned.build.banner.clone(),
            build: planned.build.name.clone(),
            config: safe::json(&planned.config),
        },
        results: [],
        plan: PlanDoc {
            subjects: words(&planned.subjects),
            listening: !planned.silent,
            accepts: plan.accepts,
            changes: plan.changes.iter().map(change).collect(),
            ask: plan
                .ask
                .iter()
                .map(|d| LeftDoc {
                    cause: d.cause,
                    what: safe::json(&d.what),
                    ask: safe::json(&d.ask),
                    origin: d.origin.as_ref().map(|o| safe::json(o)),
                    commands: words(&d.commands),
                })
                .collect(),
            not_done: plan
                .not_done
                .iter()
                .map(|n| LeftDoc {
                    cause: n.cause,
                    what: safe::json(&n.why),
                    ask: safe::json(&n.instead),
                    origin: None,
                    commands: words(&n.commands),
                })
                .collect(),
            missing: plan
                .gaps
                .iter()
                .map(|g| MissingDoc {
                    what: g.what.clone(),
                    why: g.why.clone(),
                    get: g.get.clone(),
                })
                .collect(),
            reload: plan.reload.as_ref().map(|r| ReloadDoc {
                files: words(&r.files),
                listener: r.listener,
                restart: r.restart,
            }),
        },
        guard: GuardDoc {
            allows: planned.answer.allows(),
            logins: planned.logins,
            lost: planned.answer.lost.iter().map(login).collect(),
            gained: planned.answer.gained.iter().map(login).collect(),
        },
    };
    json::write(&doc, out)
}
