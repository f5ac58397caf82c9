//! `sshwhy explain`

use crate::args::{Explain, Format};
use crate::failure::Failure;
use crate::file::{self, ReadError};
use crate::key::pages;
use crate::{logs, output};
use sshwhy_collect::bundle::Bundle;
use sshwhy_report::{Document, fold, json, page, redact};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Most bytes of a bundle.
const BUNDLE: u64 = 64 << 20;

pub(crate) fn run(args: &Explain) -> Result<u8, Failure> {
    let topic = args.topic.as_bytes();
    let id = std::str::from_utf8(topic).ok();
    if let Some(cause) = id.and_then(sshwhy_causes::by_id) {
        return output::print(&args.common, 0, |out| match args.common.format {
            Format::Text => out.write_all(page(cause).as_bytes()),
            Format::Json => json::render_page(cause, out),
        });
    }
    if let Some(done) = id.and_then(|id| pages::explain(id, &args.common)) {
        return done;
    }
    let (mut text, source): (Box<dyn BufRead + '_>, Vec<u8>) = if topic == b"-" {
        (Box::new(io::stdin().lock()), b"standard input".to_vec())
    } else {
        let path = Path::new(&args.topic);
        match file::open_regular(path) {
            Ok(file) => (Box::new(BufReader::new(file)), topic.to_vec()),
            Err(_) if topic.contains(&b' ') => (Box::new(topic), b"command line".to_vec()),
            Err(ReadError::Missing) => return Err(no_such(id.unwrap_or("that"))),
            Err(ReadError::Other(why)) => {
                return Err(Failure::new(
                    format!("cannot read {}", path.display()),
                    why,
                    "name a log or transcript file, or paste it to standard input: explain -",
                ));
            }
        }
    };
    if text.fill_buf().is_ok_and(Bundle::is_one) {
        let mut all = Vec::new();
        let most = text.take(BUNDLE).read_to_end(&mut all);
        most.map_err(|e| {
            Failure::new(
                "cannot read the bundle",
                e.to_string(),
                "save it to a file first",
            )
        })?;
        return crate::check::via::explained(&args.common, &all, args.redact);
    }
    let found = logs::recognise(text, &source).map_err(|e| {
        Failure::new(
            format!("cannot read {}", String::from_utf8_lossy(&source)),
            e.to_string(),
            "give it a text file, or the lines themselves on standard input",
        )
    })?;
    let results = fold(found, false);
    let code = u8::from(results.is_empty());
    let mut doc = Document {
        command: "explain",
        server: None,
        results,
    };
    if args.redact {
        redact::redact(&mut doc, &redact::Known::default());
    }
    if doc.results.is_empty() && args.common.format == Format::Text {
        return output::print(&args.common, code, |out| {
            out.write_all(
                b"nothing in this text is a line of sshd's, of ssh -v or of PuTTY's event log that tells of a\n\
                  refused login\n\
                  \x20  = help: on the server, ask the facts instead: \
                  sudo sshwhy audit --user NAME --key KEY\n",
            )
        });
    }
    output::document(&args.common, &doc, code)
}

/// An unknown id, with the nearest ones.
fn no_such(id: &str) -> Failure {
    let mut near: Vec<(usize, &str)> = sshwhy_causes::all()
        .map(|c| c.id)
        .chain(pages::ids())
        .map(|known| (distance(id, known), known))
        .collect();
    near.sort_unstable();
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, id)| id).collect();
    Failure::new(
        format!("{id} is neither a cause nor a file"),
        format!("the nearest causes are {}", near.join(", ")),
        "name a cause's id, a file, `-` for standard input, or a message in quotes",
    )
}

/// How unlike two ids are: edits, with ids that contain the other very near.
fn distance(a: &str, b: &str) -> usize {
    if b.contains(a) {
        return 0;
    }
    let a: Vec<u8> = a.bytes().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.bytes().zip(row.iter().skip(1)) {
            let best = (corner + usize::from(*x != y)).min(left + 1).min(above + 1);
            corner = *above;
            left = best;
            next.push(best);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_id_is_found() {
        assert_eq!(distance("home-writeable", "home-writable"), 1);
        assert_eq!(distance("writable", "home-writable"), 0);
        assert!(no_such("home-writeable").why.contains("home-writable"));
    }
}
