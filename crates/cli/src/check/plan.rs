//! What a check would do, and what it costs.

use serde::Serialize;
use sshwhy_check::budget::Budget;
use sshwhy_check::identity::{Identity, Offers};
use sshwhy_check::target::Target;
use sshwhy_report::{json, safe};
use std::io::{self, Write};
use std::time::Duration;

/// The plan.
pub(super) struct Plan {
    /// Further keys that may be asked about: each in one line, and for JSON.
    others: Vec<(String, KeyDoc)>,
    /// Which identities are offered, by their place.
    pub(super) order: Vec<usize>,
    /// How long to wait before.
    pub(super) wait: Duration,
    /// Failing connections that this server has seen lately.
    failures: usize,
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    probe_plan: PlanDoc,
}

#[derive(Serialize)]
struct PlanDoc {
    user: String,
    host: String,
    port: u16,
    through: Vec<String>,
    keys: Vec<KeyDoc>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_keys: Vec<KeyDoc>,
    wait_seconds: u64,
    recent_failures: usize,
}

#[derive(Clone, Serialize)]
struct KeyDoc {
    source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fingerprint: String,
    offered: bool,
}

impl Plan {
    pub(super) fn new(
        target: &Target,
        offers: &Offers,
        others: &[Identity],
        budget: Option<&Budget>,
    ) -> Plan {
        let off = !target.tries_keys();
        let mut order: Vec<usize> = Vec::new();
        for (index, identity) in offers.identities.iter().enumerate() {
            let again = order.iter().any(|o| {
                offers
                    .identities
                    .get(*o)
                    .is_some_and(|other| other.blob == identity.blob)
            });
            if !off && !identity.blob.is_empty() && !again {
                order.push(index);
            }
        }
        Plan {
            order,
            others: others.iter().map(|i| (line(i), doc(i, false))).collect(),
            wait: budget.map_or(Duration::ZERO, |b| b.wait(&target.host, target.port)),
            failures: budget.map_or(0, |b| b.failures(&target.host, target.port)),
        }
    }

    fn through(target: &Target) -> Vec<String> {
        match &target.proxy {
            Some(command) => vec![safe::shown(command)],
            None => target.jumps.iter().map(|j| safe::shown(&j.host)).collect(),
        }
    }

    pub(super) fn text(
        &self,
        target: &Target,
        offers: &Offers,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (user, host) = (safe::shown(&target.user), safe::shown(&target.host));
        writeln!(
            out,
            "would connect to {host} port {} as {user}",
            target.port
        )?;
        for step in Plan::through(target) {
            writeln!(out, "   = through: {step}")?;
        }
        for (index, identity) in offers.identities.iter().enumerate() {
            let verb = if self.order.contains(&index) {
                "offer"
            } else {
                "not offer"
            };
            writeln!(out, "   = {verb}: {}", line(identity))?;
        }
        for (other, _) in &self.others {
            writeln!(
                out,
                "   = ask about, where those are refused, up to three refusals in all: {other}"
            )?;
        }
        writeln!(
            out,
            "   = cost: one connection, at most five refused keys; a second one only for further keys, or for another name that the key may be for"
        )?;
        if self.failures > 0 {
            writeln!(
                out,
                "   = note: {} failing connections to this server in the last 15 minutes",
                self.failures
            )?;
        }
        if self.wait > Duration::ZERO {
            writeln!(
                out,
                "   = wait: {} s, or the server may lay a penalty on this address",
                self.wait.as_secs()
            )?;
        }
        Ok(())
    }

    pub(super) fn json(
        &self,
        target: &Target,
        offers: &Offers,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let keys = offers
            .identities
            .iter()
            .enumerate()
            .map(|(index, identity)| doc(identity, self.order.contains(&index)));
        let whole = Doc {
            schema: "sshwhy/1",
            command: "check",
            results: [],
            probe_plan: PlanDoc {
                user: safe::json(&target.user),
                host: safe::json(&target.host),
                port: target.port,
                through: Plan::through(target),
                keys: keys.collect(),
                other_keys: self.others.iter().map(|(_, doc)| doc.clone()).collect(),
                wait_seconds: self.wait.as_secs(),
                recent_failures: self.failures,
            },
        };
        json::write(&whole, out)
    }
}

fn doc(identity: &Identity, offered: bool) -> KeyDoc {
    KeyDoc {
        source: safe::json(&identity.source()),
        fingerprint: if identity.blob.is_empty() {
            String::new()
        } else {
            identity.fingerprint()
        },
        offered,
    }
}

/// A key in one line.
pub(super) fn line(identity: &Identity) -> String {
    let mut out = safe::shown(&identity.source());
    if !identity.blob.is_empty() {
        out.push_str(&format!(" {}", identity.fingerprint()));
    }
    if !identity.comment.is_empty() {
        out.push_str(&format!(" ({})", safe::shown(&identity.comment)));
    }
    out
}
