//! A check as JSON: the document of the contract, with the key `wire` beside its results.

use super::{Outcome, advice};
use serde::Serialize;
use sshwhy_check::hosts::Standing;
use sshwhy_report::{Document, json, safe};
use std::io::{self, Write};

#[derive(Serialize)]
struct Doc<R> {
    schema: &'static str,
    command: &'static str,
    results: Vec<R>,
    wire: Wire,
    advice: Advice,
}

#[derive(Serialize)]
struct Wire {
    host: String,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identification: Option<String>,
    preamble: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_key: Option<HostKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_sig_algs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    methods: Option<String>,
    place: &'static str,
    offers: Vec<Offer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_keys: Vec<OtherKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_name: Option<OtherName>,
    banners: Vec<String>,
    debug: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect: Option<String>,
    milliseconds: u64,
}

#[derive(Serialize)]
struct HostKey {
    #[serde(rename = "type")]
    kind: String,
    fingerprint: String,
    standing: &'static str,
}

#[derive(Serialize)]
struct Offer {
    source: String,
    fingerprint: String,
    algorithm: String,
    place: &'static str,
}

/// A key that was asked about and is not among those that are offered.
#[derive(Serialize)]
struct OtherKey {
    source: String,
    fingerprint: String,
    welcome: bool,
}

/// Another name for which the server was asked about the key.
#[derive(Serialize)]
struct OtherName {
    user: String,
    welcome: bool,
}

#[derive(Serialize)]
struct Advice {
    client: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    administrator: Option<String>,
}

/// Most lines of each kind that are kept.
const MOST: usize = 100;

/// Longest text of the server's that is kept, in bytes.
const LONG: usize = 4096;

/// A text of the server's, cut and escaped.
fn text(bytes: &[u8]) -> String {
    safe::json(bytes.get(..LONG).unwrap_or(bytes))
}

pub(super) fn render(
    outcome: &Outcome,
    document: &Document,
    out: &mut dyn Write,
) -> io::Result<()> {
    let report = &outcome.report;
    let place = report.place(outcome.subject);
    let wire = &report.wire;
    let standing = |s: &Standing| match s {
        Standing::Known { .. } => "known",
        Standing::Unknown => "unknown",
        Standing::OtherTypes { .. } => "other-types",
        Standing::Changed { .. } => "changed",
        Standing::Revoked { .. } => "revoked",
    };
    let offers = report.tried.iter().filter_map(|tried| {
        let identity = outcome.offers.identities.get(tried.identity)?;
        Some(Offer {
            source: safe::json(&identity.source()),
            fingerprint: identity.fingerprint(),
            algorithm: safe::json(&tried.algorithm),
            place: tried.place().word(),
        })
    });
    let other_keys = report.others.iter().filter_map(|(index, welcome)| {
        let other = outcome.others.get(*index)?;
        Some(OtherKey {
            source: safe::json(&other.source()),
            fingerprint: other.fingerprint(),
            welcome: *welcome,
        })
    });
    let doc = Doc {
        schema: "sshwhy/1",
        command: "check",
        results: document.results.iter().map(json::entry).collect(),
        wire: Wire {
            host: safe::json(&outcome.target.host),
            port: outcome.target.port,
            address: report.addr.map(|a| a.to_string()),
            identification: wire.identification().map(text),
            preamble: wire.preamble().take(MOST).map(text).collect(),
            host_key: wire
                .host_key()
                .zip(report.host_key.as_ref())
                .map(|(key, s)| HostKey {
                    kind: safe::json(&key.key_format),
                    fingerprint: key.fingerprint(),
                    standing: standing(s),
                }),
            server_sig_algs: wire.server_sig_algs().map(text),
            methods: report.methods.as_deref().map(text),
            place: place.word(),
            offers: offers.collect(),
            other_keys: other_keys.collect(),
            other_name: report.other_name.as_ref().map(|(name, welcome)| OtherName {
                user: safe::json(&name.user),
                welcome: *welcome,
            }),
            banners: wire.banners().take(MOST).map(|b| text(&b)).collect(),
            debug: wire
                .debug_messages()
                .take(MOST)
                .map(|d| text(&d.text))
                .collect(),
            disconnect: wire.disconnect().map(|d| text(&d.text)),
            milliseconds: u64::try_from(wire.timings.total.as_millis()).unwrap_or(u64::MAX),
        },
        advice: Advice {
            client: advice::client(outcome, place),
            administrator: advice::letter(outcome, place),
        },
    };
    json::write(&doc, out)
}
