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
use sshwhy_keys::{PublicKey, VEIL_LONG, veiled_text};
use sshwhy_report::{json, safe};
use std::io::Write;

pub(super) fn run(a: &Line) -> Result<u8, Failure> {
    let opened = opening::open(&a.file, &a.unlock, true)?;
    let name = &opened.source.name;
    let outcome = || Outcome::new("key line", name);
    let (key, comment) = match half(&opened) {
        Ok(half) => half,
        Err(problems) => return outcome().no(problems).print(&a.common),
    };
    if key.is_certificate() && !opened.diagnosis.is_private() {
        let problem = Problem::bad(
            "key-line-certificate",
            "the file is a certificate, and no line of authorized_keys may be one",
        )
        .noting("a certificate is sent by the client; the server trusts its CA")
        .helped("on the server: TrustedUserCAKeys, or a cert-authority line with the CA's key");
        return outcome().no(vec![problem]).print(&a.common);
    }
    let key = key.to_plain();
    // What could be a line of a private key does not go to a server.
    let comment = match veiled_text(&comment, VEIL_LONG) == comment {
        true => comment,
        false => Vec::new(),
    };
    let line = line_of(&key, &comment);
    let command = command(&key, &comment);
    if a.common.format == Shape::Json {
        let doc = Doc {
            schema: "sshwhy/1",
            command: "key line",
            results: [],
            key_files: [ResultDoc {
                file: safe::json(name),
                done: true,
                key: key_doc(&key, &comment, name),
                line: safe::json(&line),
                server_command: command,
            }],
        };
        return output::print(&a.common, 0, |out| json::write(&doc, out));
    }
    if a.command {
        return output::print(&a.common, 0, |out| writeln!(out, "{command}"));
    }
    let code = output::print(&a.common, 0, |out| {
        // The bytes as they are: this is what goes into the file.
        out.write_all(&line)?;
        out.write_all(b"\n")
    })?;
    // Nobody is left to tell if this fails.
    let _ = writeln!(
        std::io::stderr(),
        "\non the server, as the account that is to log in, one line:\n{command}"
    );
    Ok(code)
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
    key_files: [ResultDoc; 1],
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
