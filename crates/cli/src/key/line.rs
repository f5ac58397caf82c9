//! `sshwhy key line`: the line for authorized_keys, and the command that appends it.

use super::args::Line;
use super::convert::half;
use super::opening;
use super::outcome::Outcome;
use super::problem::Problem;
use super::shell;
use super::show::{KeyDoc, key_doc};
use crate::args::Format as Shape;
use crate::failure::Failure;
use crate::output;
use serde::Serialize;
use sshwhy_keyfile::public_write;
use sshwhy_keys::{Block, PublicKey, VEIL_LONG, load_public, sniff, veiled_text};
use sshwhy_report::{json, safe};
use std::io::Write;

pub(super) fn run(a: &Line) -> Result<u8, Failure> {
    let opened = opening::open(&a.file, &a.unlock, true)?;
    let name = &opened.source.name;
    let outcome = || Outcome::new("key line", name);
    let halves = match half(&opened) {
        Ok(half) if opened.diagnosis.is_private() => vec![half],
        Ok(half) => every(&opened.source.data).unwrap_or(vec![half]),
        Err(problems) => return outcome().no(problems).print(&a.common),
    };
    if halves.iter().any(|(key, _)| key.is_certificate()) && !opened.diagnosis.is_private() {
        let problem = Problem::bad(
            "key-line-certificate",
            "the file is a certificate, and no line of authorized_keys may be one",
        )
        .noting("a certificate is sent by the client; the server trusts its CA")
        .helped("on the server: TrustedUserCAKeys, or a cert-authority line with the CA's key");
        return outcome().no(vec![problem]).print(&a.common);
    }
    let ready: Vec<Ready> = halves.into_iter().map(Ready::new).collect();
    if a.common.format == Shape::Json {
        let doc = Doc {
            schema: "sshwhy/1",
            command: "key line",
            results: [],
            key_files: ready
                .into_iter()
                .map(|r| ResultDoc {
                    file: safe::json(name),
                    done: true,
                    key: key_doc(&r.key, &r.comment, name),
                    line: safe::json(&r.line),
                    server_command: r.command,
                })
                .collect(),
        };
        return output::print(&a.common, 0, |out| json::write(&doc, out));
    }
    if a.command {
        return output::print(&a.common, 0, |out| {
            ready
                .iter()
                .try_for_each(|r| writeln!(out, "{}", r.command))
        });
    }
    let code = output::print(&a.common, 0, |out| {
        // The bytes as they are: this is what goes into the file.
        ready.iter().try_for_each(|r| {
            out.write_all(&r.line)?;
            out.write_all(b"\n")
        })
    })?;
    // Nobody is left to tell if this fails.
    let mut err = std::io::stderr();
    let each = if ready.len() > 1 {
        "one line each"
    } else {
        "one line"
    };
    let _ = writeln!(
        err,
        "\non the server, as the account that is to log in, {each}:"
    );
    for r in &ready {
        let _ = writeln!(err, "{}", r.command);
    }
    Ok(code)
}

/// The public keys of a file that holds several, if every one can be read.
fn every(data: &[u8]) -> Option<Vec<(PublicKey, Vec<u8>)>> {
    let blocks = sniff(data).blocks;
    if blocks.len() < 2 {
        return None;
    }
    let read = |b: &Block| {
        let loaded = load_public(data.get(b.span.clone())?).ok()?;
        Some((loaded.key, loaded.comment))
    };
    blocks.iter().map(read).collect()
}

/// A key, its line, and the command that appends it.
struct Ready {
    key: PublicKey,
    comment: Vec<u8>,
    line: Vec<u8>,
    command: String,
}

impl Ready {
    fn new((key, comment): (PublicKey, Vec<u8>)) -> Ready {
        let key = key.to_plain();
        // What could be a line of a private key does not go to a server.
        let comment = match veiled_text(&comment, VEIL_LONG) == comment {
            true => comment,
            false => Vec::new(),
        };
        Ready {
            line: line_of(&key, &comment),
            command: command(&key, &comment),
            key,
            comment,
        }
    }
}

/// The line without what would move a terminal's cursor.
fn line_of(key: &PublicKey, comment: &[u8]) -> Vec<u8> {
    let clean: Vec<u8> = comment
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_control() || *b == b'\t')
        .collect();
    let mut line = public_write::line(key, &clean);
    line.pop();
    line
}

/// One line for a POSIX shell: makes what is missing, ends an open last line, adds the key once.
fn command(key: &PublicKey, comment: &[u8]) -> String {
    // A comment that cannot be pasted safely is left out.
    let line = shell::word(&line_of(key, comment))
        .or_else(|| shell::word(&line_of(key, b"")))
        .unwrap_or_default();
    let file = "~/.ssh/authorized_keys";
    format!(
        "umask 077; mkdir -p ~/.ssh && touch {file} && \
         {{ [ -z \"$(tail -c 1 {file})\" ] || echo >> {file}; }} && \
         {{ grep -qxF -e {line} {file} || printf '%s\\n' {line} >> {file}; }}"
    )
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    key_files: Vec<ResultDoc>,
}

#[derive(Serialize)]
struct ResultDoc {
    file: String,
    done: bool,
    key: KeyDoc,
    line: String,
    /// For the server, as the account that is to log in.
    server_command: String,
}
