//! Standard output and standard error.

use crate::args::{Color, Common, Format};
use crate::failure::Failure;
use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use sshwhy_report::{Document, json, safe::shown, text};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether standard output has had its document: there is only one.
static PRINTED: AtomicBool = AtomicBool::new(false);

/// Prints a document and gives the exit code back.
pub(crate) fn document(common: &Common, doc: &Document, code: u8) -> Result<u8, Failure> {
    print(common, code, |out| match common.format {
        Format::Json => json::render(doc, out),
        Format::Text => text::render(
            doc,
            text::Detail {
                verbose: common.verbose,
            },
            out,
        ),
    })
}

/// Prints with `write`; a broken pipe is success.
pub(crate) fn print(
    common: &Common,
    code: u8,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<u8, Failure> {
    let stdout = io::stdout();
    let choice = match (common.color, common.format) {
        (_, Format::Json) | (Color::Never, _) => ColorChoice::Never,
        (Color::Always, _) => ColorChoice::Always,
        (Color::Auto, _) => AutoStream::choice(&stdout),
    };
    // Whole lines go out at once, and the pieces of an escape sequence together.
    let mut text = Vec::new();
    let done = write(&mut text).and_then(|()| {
        PRINTED.store(true, Ordering::Relaxed);
        let mut out = AutoStream::new(stdout.lock(), choice);
        out.write_all(&text)?;
        out.flush()
    });
    match done {
        Ok(()) => Ok(code),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(e) => Err(Failure::new(
            "cannot write to standard output",
            e.to_string(),
            "make room or name another place for the output",
        )),
    }
}

/// Takes escape sequences out, and costs nothing where there are none.
struct Plain<W>(W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !bytes.contains(&0x1b) {
            return self.0.write_all(bytes);
        }
        for piece in anstream::adapter::strip_bytes(bytes) {
            self.0.write_all(piece)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Prints as it goes, and gives back the exit code that `write` has found; a broken pipe is success.
pub(crate) fn stream(
    common: &Common,
    write: impl FnOnce(&mut dyn Write) -> io::Result<u8>,
) -> Result<u8, Failure> {
    let stdout = io::stdout();
    let choice = match common.color {
        Color::Never => ColorChoice::Never,
        Color::Always => ColorChoice::Always,
        Color::Auto => AutoStream::choice(&stdout),
    };
    let mut out: Box<dyn Write> = match choice {
        ColorChoice::Never => Box::new(Plain(stdout.lock())),
        _ => Box::new(AutoStream::new(stdout.lock(), choice)),
    };
    let mut out = io::BufWriter::with_capacity(1 << 17, &mut out);
    PRINTED.store(true, Ordering::Relaxed);
    match write(&mut out).and_then(|code| out.flush().map(|()| code)) {
        Ok(code) => Ok(code),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(e) => Err(Failure::new(
            "the list is not whole",
            e.to_string(),
            "look whether the file can be read and the output has room",
        )),
    }
}

#[derive(Serialize)]
struct MistakeDoc<'a> {
    schema: &'static str,
    command: String,
    results: [(); 0],
    error: ErrorDoc<'a>,
}

#[derive(Serialize)]
struct ErrorDoc<'a> {
    what: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    help: &'a str,
}

/// The one document of a command that could not work: key `error`.
fn error_document(what: &str, why: &str, help: &str) {
    if PRINTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let command = std::env::args_os()
        .nth(1)
        .and_then(|c| c.into_string().ok())
        .filter(|c| !c.starts_with('-'));
    let document = MistakeDoc {
        schema: "sshwhy/1",
        command: command.unwrap_or_default(),
        results: [],
        error: ErrorDoc { what, why, help },
    };
    // Who cannot be reached is not told.
    let _ = json::write(&document, &mut io::stdout().lock());
}

/// As JSON, that the arguments could not be read; the text of it is on standard error.
pub(crate) fn mistake(what: &str, help: &str) {
    error_document(what, "", help);
}

/// Says on standard error why nothing came of it, and in JSON where that is asked for.
pub(crate) fn failure(common: &Common, failure: &Failure) {
    if common.format == Format::Json {
        error_document(&failure.what, &failure.why, &failure.help);
    }
    let stderr = io::stderr();
    let choice = match common.color {
        Color::Never => ColorChoice::Never,
        Color::Always => ColorChoice::Always,
        Color::Auto => AutoStream::choice(&stderr),
    };
    let mut out = AutoStream::new(stderr.lock(), choice);
    let clean = |s: &str| shown(s.as_bytes());
    // Nobody is left to tell if this fails.
    let _ = writeln!(
        out,
        "\x1b[1m\x1b[31msshwhy:\x1b[0m {}\n   = why:  {}\n   = help: {}",
        clean(&failure.what),
        clean(&failure.why),
        clean(&failure.help)
    );
}

/// Progress, with `-v` alone.
pub(crate) fn progress(common: &Common, message: impl FnOnce() -> String) {
    if common.verbose {
        let _ = writeln!(io::stderr(), "sshwhy: {}", shown(message().as_bytes()));
    }
}
