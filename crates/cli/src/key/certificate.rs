//! A certificate in words: who, for whom, until when, by which CA.

use serde::Serialize;
use sshwhy_keys::{CertType, Certificate, PublicKey};
use sshwhy_report::safe;
use std::time::{SystemTime, UNIX_EPOCH};

use super::problem::Problem;

/// For programs and people.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Words {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) key_id: String,
    pub(super) serial: u64,
    pub(super) principals: Vec<String>,
    /// null: always was.
    pub(super) valid_after: Option<String>,
    /// null: forever.
    pub(super) valid_before: Option<String>,
    pub(super) ca: String,
    pub(super) ca_type: String,
    pub(super) signature: &'static str,
    pub(super) critical_options: Vec<String>,
    pub(super) extensions: Vec<String>,
}

/// A second as people read it, in UTC.
fn time(t: u64) -> String {
    i64::try_from(t)
        .ok()
        .and_then(|t| jiff::Timestamp::from_second(t).ok())
        .map_or_else(|| format!("second {t} of the epoch"), |t| t.to_string())
}

/// What the certificate of `key` says.
pub(super) fn words(key: &PublicKey) -> Option<Words> {
    let c = key.certificate()?;
    let option = |o: &sshwhy_keys::CertOption| {
        let name = safe::json(&o.name);
        match o.value() {
            Ok(value) if !o.data.is_empty() => format!("{name}={}", safe::json(&value)),
            _ => name,
        }
    };
    Some(Words {
        kind: match c.cert_type {
            CertType::User => "user",
            CertType::Host => "host",
        },
        key_id: safe::json(&c.key_id),
        serial: c.serial,
        principals: c.principals.iter().map(|p| safe::json(p)).collect(),
        valid_after: (c.valid_after > 0).then(|| time(c.valid_after)),
        valid_before: (c.valid_before < u64::MAX).then(|| time(c.valid_before)),
        ca: c.ca_key().fingerprint(),
        ca_type: c.ca_key().key_type().to_string(),
        signature: match c.verify_signature() {
            Ok(()) => "good",
            Err(_) => "bad",
        },
        critical_options: c.critical_options.iter().map(option).collect(),
        extensions: c.extensions.iter().map(option).collect(),
    })
}

impl Words {
    /// In a few lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let whom = match (self.principals.is_empty(), self.kind) {
            (true, "user") => {
                "for nobody by name: sshd takes it for no login but where a CA line says so"
                    .to_owned()
            }
            (true, _) => "for every name".to_owned(),
            (false, _) => format!("for {}", self.principals.join(", ")),
        };
        let since = self
            .valid_after
            .as_ref()
            .map_or(String::new(), |t| format!("from {t} "));
        let until = self
            .valid_before
            .as_ref()
            .map_or("forever".to_owned(), |t| format!("until {t}"));
        let mut out = vec![
            format!(
                "{} certificate \"{}\", serial {}, {whom}",
                self.kind, self.key_id, self.serial
            ),
            format!("valid {since}{until}"),
            format!(
                "by the CA {} ({}), its signature is {}",
                self.ca, self.ca_type, self.signature
            ),
        ];
        if !self.critical_options.is_empty() {
            out.push(format!(
                "critical options: {}",
                self.critical_options.join(", ")
            ));
        }
        if !self.extensions.is_empty() {
            out.push(format!("extensions: {}", self.extensions.join(", ")));
        }
        out
    }
}

/// What of it keeps a login from happening.
pub(super) fn problems(c: &Certificate) -> Vec<Problem> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    let mut out = Vec::new();
    if c.verify_signature().is_err() {
        out.push(Problem::bad(
            "cert-bad-signature",
            "the CA's signature under the certificate does not fit: it was changed or cut",
        ));
    }
    if now >= c.valid_before {
        out.push(Problem::note(
            "cert-expired",
            format!("the certificate ended at {}", time(c.valid_before)),
        ));
    } else if now < c.valid_after {
        out.push(Problem::note(
            "cert-not-yet-valid",
            format!("the certificate begins at {}", time(c.valid_after)),
        ));
    }
    if c.cert_type == CertType::Host {
        out.push(Problem::note(
            "cert-is-host",
            "a host certificate: no user can log in with it",
        ));
    }
    out
}
