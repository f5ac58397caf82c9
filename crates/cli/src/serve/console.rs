//! What the operator sees: the full finding of every attempt.

use super::args::Serve;
use super::complain;
use crate::args::{Common, Format};
use crate::failure::Failure;
use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use sshwhy_keys::fingerprint;
use sshwhy_report::safe::shown;
use sshwhy_report::{Document, Entry, ServerInfo, Subject, SubjectKey, json, text};
use sshwhy_server::{Event, HostKey, Seen, Sink, What};
use sshwhy_world::OfferedKey;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Mutex;

/// Standard output.
pub(super) struct Console {
    common: Common,
    /// One event at a time.
    lock: Mutex<()>,
}

/// One event of the log, on a line of its own.
#[derive(Serialize)]
struct Line<'a, R: Serialize> {
    schema: &'static str,
    command: &'static str,
    time: String,
    event: &'static str,
    connection: u64,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<R>,
}

#[derive(Serialize)]
struct Ready<'a> {
    schema: &'static str,
    command: &'static str,
    event: &'static str,
    address: String,
    host_key: &'a str,
}

impl Console {
    pub(super) fn new(common: &Common) -> Console {
        Console {
            common: common.clone(),
            lock: Mutex::new(()),
        }
    }

    fn out(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let mut all = Vec::new();
        if write(&mut all).is_err() {
            return;
        }
        let choice = match (self.common.color, self.common.format) {
            (_, Format::Json) | (crate::args::Color::Never, _) => ColorChoice::Never,
            (crate::args::Color::Always, _) => ColorChoice::Always,
            (crate::args::Color::Auto, _) => AutoStream::choice(&io::stdout()),
        };
        let _one = self.lock.lock();
        // A console that is gone does not end the server.
        let mut out = AutoStream::new(io::stdout().lock(), choice);
        let _ = out.write_all(&all).and_then(|()| out.flush());
    }

    pub(super) fn ready(&self, address: SocketAddr, key: &HostKey, args: &Serve) {
        self.out(|out| match self.common.format {
            Format::Json => json::line(
                &Ready {
                    schema: "sshwhy/1",
                    command: "serve",
                    event: "ready",
                    address: address.to_string(),
                    host_key: &key.public_line(),
                },
                out,
            ),
            Format::Text => {
                let words = shown(args.words().as_bytes());
                writeln!(out, "serving on {address}: {words}")?;
                writeln!(out, "  host key {}", key.fingerprint())
            }
        });
    }

    pub(super) fn trouble(&self, failure: &Failure) {
        complain(&self.common, failure);
    }

    fn attempt(&self, event: &Event, seen: &Seen, out: &mut dyn Write) -> io::Result<()> {
        let key = OfferedKey::new(seen.blob.clone(), Vec::new());
        let entry = Entry {
            subject: Subject {
                user: Some(seen.user.clone()),
                key: (!seen.blob.is_empty()).then(|| SubjectKey {
                    key_type: key.type_name().to_vec(),
                    fingerprint: match &key.key {
                        Ok(k) => k.fingerprint(),
                        Err(_) => fingerprint::sha256(&seen.blob),
                    },
                    source: b"offered".to_vec(),
                    comment: Vec::new(),
                }),
                from: Some(event.from.ip().to_canonical()),
                to: Some(seen.to),
                ..Subject::default()
            },
            judgement: seen.judgement.clone(),
            observed: false,
            count: 1,
        };
        let told = seen.told.map(|t| t.sentence());
        if self.common.format == Format::Json {
            let mut line = line(event, "attempt", None, Some(json::entry(&entry)));
            line.signed = Some(seen.signed);
            line.told = told;
            return json::line(&line, out);
        }
        let step = match seen.signed {
            _ if seen.blob.is_empty() => "offered no key",
            true => "proved a key",
            false => "asked about a key",
        };
        writeln!(out, "\n#{} {} {step}", event.connection, event.from)?;
        if seen.blob.is_empty() && seen.judgement.causes.is_empty() {
            // Nothing is known but the name, and that nothing stops it.
            return writeln!(out, "  as {}", shown(&seen.user));
        }
        let (banner, build) = seen.build.clone();
        let document = Document {
            command: "serve",
            server: Some(ServerInfo {
                software: banner,
                build,
                config: Vec::new(),
                root: None,
            }),
            results: vec![entry],
        };
        let detail = text::Detail {
            verbose: self.common.verbose,
        };
        text::render(&document, detail, out)?;
        match told {
            Some(told) => writeln!(out, "  told: {told}"),
            None => Ok(()),
        }
    }
}

fn line<'a, R: Serialize>(
    event: &Event,
    name: &'static str,
    why: Option<&'a str>,
    result: Option<R>,
) -> Line<'a, R> {
    Line {
        schema: "sshwhy/1",
        command: "serve",
        time: now(),
        event: name,
        connection: event.connection,
        from: event.from.to_string(),
        signed: None,
        told: None,
        why,
        result,
    }
}

impl Sink for Console {
    fn event(&self, event: &Event) {
        let (name, why) = match &event.what {
            What::Attempt(seen) => return self.out(|out| self.attempt(event, seen, out)),
            What::Closed(why) => ("closed", Some(why.word().to_owned())),
            What::Broken(why) => ("error", Some(why.clone())),
            What::Session(kind) => ("session", Some((*kind).to_owned())),
            What::Ended(why) => ("ended", why.clone()),
        };
        let why = why.as_deref();
        self.out(|out| match self.common.format {
            Format::Json => json::line(&line::<()>(event, name, why, None), out),
            // Scanners come and go by the thousand.
            Format::Text if matches!(event.what, What::Ended(_)) && !self.common.verbose => Ok(()),
            Format::Text => {
                let why = why.map_or(String::new(), |w| format!(": {}", shown(w.as_bytes())));
                writeln!(out, "#{} {} {name}{why}", event.connection, event.from)
            }
        });
    }
}

/// RFC 3339, in UTC.
fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since
        .ok()
        .and_then(|d| i64::try_from(d.as_secs()).ok())
        .and_then(|s| jiff::Timestamp::from_second(s).ok())
        .map(|t| t.to_string())
        .unwrap_or_default()
}
