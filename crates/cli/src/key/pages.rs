//! What `sshwhy explain` says of the ids that are about a file and its shape, and not causes of a
//! refusal of their own.

use crate::args::{Common, Format};
use crate::failure::Failure;
use crate::output;
use serde::Serialize;
use sshwhy_report::json;

/// A page: the id, what it is, how a file comes to be so, what helps.
struct Page {
    id: &'static str,
    what: &'static str,
    how: &'static str,
    helps: &'static str,
}

const fn page(
    id: &'static str,
    what: &'static str,
    how: &'static str,
    helps: &'static str,
) -> Page {
    Page {
        id,
        what,
        how,
        helps,
    }
}

const REPAIR: &str = "`sshwhy key repair FILE --output NEW` restores it: nothing is lost.";
const AGAIN: &str = "Copy the file again from where it is whole. What is lost cannot be made up: \
                     without a copy, make a new key with `sshwhy key generate`.";
const COPY: &str = "Copy the file as a file (scp, a download), not as text. \
                    `sshwhy key repair FILE --output NEW` restores this one.";

const PAGES: &[Page] = &[
    page(
        "key-damaged-or-wrong-passphrase",
        "The passphrase is wrong, or the encrypted part of the file was changed.",
        "Old PEM files, PKCS#8 and ssh.com files carry no check over what is encrypted, so the two \
         look alike.",
        "Try the passphrase again; then take the file from a backup.",
    ),
    page(
        "key-file-base64",
        "The base64 of the key holds a character that base64 has not, or too few characters.",
        "An editor, a mail or a form changed or cut a line.",
        AGAIN,
    ),
    page(
        "key-file-begin-line",
        "The line that begins the key is missing or damaged. ssh and PuTTY find a key by it alone.",
        "It was not marked when the text was copied, or an editor turned its hyphens into dashes.",
        REPAIR,
    ),
    page(
        "key-file-blank-line",
        "An empty line stands within the base64 of a PEM key. It may stand behind the BEGIN line or \
         the headers alone; elsewhere ssh says `error in libcrypto`.",
        "Lines were doubled: a converter that made two line ends of CR LF, a form, a wiki.",
        REPAIR,
    ),
    page(
        "key-file-bom",
        "Three bytes that no editor shows (EF BB BF, a UTF-8 byte order mark) stand before the key, \
         which then does not begin at the first byte.",
        "Notepad's \"UTF-8 with BOM\", PowerShell's `Out-File -Encoding utf8`.",
        REPAIR,
    ),
    page(
        "key-file-cr-only",
        "The lines end in CR alone. ssh sees one long line; PuTTY reads its own format so.",
        "Mac OS 9, and programs that still write as it did.",
        REPAIR,
    ),
    page(
        "key-file-crlf",
        "The lines end in CR LF. ssh on Unix wants LF behind the marks of its own format and says \
         `error in libcrypto` or `invalid format`.",
        "A Windows editor, git with `core.autocrlf`, a secret of a CI system pasted on Windows.",
        REPAIR,
    ),
    page(
        "key-file-double-cr",
        "The lines end in CR CR LF.",
        "The file was converted to Windows' line ends twice: a transfer in text mode of a file that \
         had them.",
        REPAIR,
    ),
    page(
        "key-file-empty",
        "The file is empty, or holds blanks or zero bytes alone.",
        "A redirection whose command failed, a full disk, a crash before the file was written.",
        AGAIN,
    ),
    page(
        "key-file-escaped-newlines",
        "The ends of the lines are written as the two characters `\\n`.",
        "The key went through JSON, YAML or an environment variable.",
        "In a shell, `printf '%b'` turns them back. `sshwhy key repair FILE --output NEW` restores \
         the file.",
    ),
    page(
        "key-file-html",
        "The key stands among HTML tags.",
        "A web page was saved, not the file that it shows.",
        COPY,
    ),
    page(
        "key-file-indented",
        "Blanks stand before the lines of the key; programs want it at the first byte of a line.",
        "A YAML block, a here-document, a chat program.",
        REPAIR,
    ),
    page(
        "key-file-leading-text",
        "Other text stands before the key. ssh passes over it in PEM files alone, PuTTY nowhere.",
        "More than the key was copied, or OpenSSL wrote \"Bag Attributes\".",
        REPAIR,
    ),
    page(
        "key-file-more-keys",
        "The file holds several private keys; programs read the first one alone.",
        "Files were joined.",
        "Put each key into a file of its own.",
    ),
    page(
        "key-file-no-final-newline",
        "The last line has no end. ssh wants a newline behind the END mark of its own format.",
        "Secrets of CI systems, `$(cat FILE)` and copied text lose it.",
        REPAIR,
    ),
    page(
        "key-file-not-a-key",
        "The file is no key that SSH programs read as it is.",
        "Another file was named, a web page was saved, or the key is packed or binary (DER, PKCS#12).",
        "Name the key file. Of DER: `openssl pkey -inform DER -in FILE -out NEW`.",
    ),
    page(
        "key-file-one-line",
        "The lines of the key were joined into one.",
        "A form or an environment variable took the ends of the lines away.",
        REPAIR,
    ),
    page(
        "key-file-prompt",
        "A command or a terminal's prompt was copied with the key.",
        "More than the key was marked in the terminal.",
        REPAIR,
    ),
    page(
        "key-file-public-given",
        "A private key is needed, and the file is a public one. Nothing is wrong with it.",
        "`id_ed25519.pub` was named in place of `id_ed25519`.",
        "Name the private key file: often the same name without `.pub`.",
    ),
    page(
        "key-file-quoted",
        "The lines carry the quote marks of a mail (`> `).",
        "The key was taken from a mail that was answered or sent on. A private key in a mail is known \
         to everybody whose machine it passed: a new one is better.",
        REPAIR,
    ),
    page(
        "key-file-several",
        "The file holds several keys where one is wanted.",
        "Public keys were collected in one file.",
        "Put the key into a file of its own.",
    ),
    page(
        "key-file-structure",
        "What the base64 holds is not what the format has there.",
        "A line is missing, stands twice or in the wrong place, or characters were changed.",
        AGAIN,
    ),
    page(
        "key-file-too-big",
        "A part of the file is larger than the programs take.",
        "It is no key, or a length within it was changed.",
        AGAIN,
    ),
    page(
        "key-file-trailing-blank",
        "A blank stands behind a mark of the key; ssh compares the whole line.",
        "An editor or a form padded the line.",
        REPAIR,
    ),
    page(
        "key-file-truncated",
        "The file ends before the key does.",
        "A copy or a transfer was cut off, or not all of it was marked.",
        AGAIN,
    ),
    page(
        "key-file-unsupported",
        "This program does not read that format, cipher or kind of key. The file may be whole.",
        "A program of another kind wrote it.",
        "Convert it with the program that wrote it.",
    ),
    page(
        "key-file-utf16",
        "The file is UTF-16: each character takes two bytes.",
        "PowerShell's `>` in Windows PowerShell 5, Notepad's \"Unicode\".",
        REPAIR,
    ),
    page(
        "key-format-read-only",
        "The format is read here, and not written. Nothing is wrong with the file.",
        "ssh.com's own format is dead.",
        "Convert it: `sshwhy key convert FILE --to openssh --output NEW`.",
    ),
    page(
        "key-format-without-type",
        "The format has no keys of that type. Nothing is wrong with the key.",
        "OpenSSH and PEM know no Ed448, PEM no Ed25519, PKCS#8 and PuTTY's format no FIDO keys.",
        "Choose another format with `--to`.",
    ),
    page(
        "key-private-half-damaged",
        "The numbers of the private half do not fit each other.",
        "Characters of the private part were changed. A program that does not check would make \
         signatures that no server takes, and of RSA they can give the key away.",
        AGAIN,
    ),
    page(
        "ppk-blanks",
        "Blanks stand in a PuTTY key file where its format has none.",
        "The text was indented or padded.",
        REPAIR,
    ),
    page(
        "ppk-first-line",
        "The first line of a PuTTY key file, `PuTTY-User-Key-File-3: TYPE`, is missing or damaged.",
        "It was not marked when the text was copied.",
        "`sshwhy key repair FILE --output NEW` restores it where the MAC proves which line stood there.",
    ),
    page(
        "ppk-header",
        "A header of a PuTTY key file is missing or has a value that it cannot have.",
        "A line was lost or changed.",
        AGAIN,
    ),
    page(
        "ppk-line-count",
        "`Public-Lines` or `Private-Lines` does not say how many lines of base64 follow. PuTTY \
         counts: with a wrong `Public-Lines` it offers another public key than the file's.",
        "Lines were wrapped, joined or lost.",
        REPAIR,
    ),
    page(
        "ppk-line-length",
        "The lines of base64 in a PuTTY key file are longer or shorter than its format has them.",
        "An editor or a mail wrapped or joined lines.",
        REPAIR,
    ),
    page(
        "ppk-mac-case",
        "The MAC of a PuTTY key file is written in upper case; PuTTY compares the text and says `MAC \
         failed`.",
        "A program that \"tidied\" hexadecimal digits.",
        REPAIR,
    ),
    page(
        "ppk-version-wrong",
        "The first line of a PuTTY key file names another version than the rest of it has.",
        "Somebody changed the digit, so that an older PuTTY might read the file. It cannot: the MAC is \
     another one too.",
        "`sshwhy key repair FILE --output NEW`; for a PuTTY before 0.75, `sshwhy key convert FILE --to \
     ppk2 --output NEW`.",
    ),
];

fn all() -> impl Iterator<Item = &'static Page> {
    PAGES.iter()
}

/// Whether there is a page of that id.
pub(crate) fn has(id: &str) -> bool {
    all().any(|p| p.id == id)
}

/// Their ids.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    all().map(|p| p.id)
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    page: PageDoc,
}

#[derive(Serialize)]
struct PageDoc {
    id: &'static str,
    stage: &'static str,
    text: String,
}

/// `sshwhy explain ID`, where there is a page.
pub(crate) fn explain(id: &str, common: &Common) -> Option<Result<u8, Failure>> {
    let page = all().find(|p| p.id == id)?;
    let text = format!(
        "# {}\n\n{}\n\n## How it comes about\n{}\n\n## What helps\n{}\n",
        page.id, page.what, page.how, page.helps
    );
    Some(output::print(common, 0, |out| match common.format {
        Format::Text => out.write_all(text.as_bytes()),
        Format::Json => {
            let page = PageDoc {
                id: page.id,
                stage: "private_key",
                text: text.clone(),
            };
            let doc = Doc {
                schema: "sshwhy/1",
                command: "explain",
                results: [],
                page,
            };
            json::write(&doc, out)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every id that a file of this folder names in quotes.
    fn named() -> Vec<String> {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/key");
        let mut out = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            for word in text.split('"').skip(1).step_by(1) {
                let id = word.starts_with("key-") || word.starts_with("ppk-");
                let end = word.ends_with('-')
                    || word.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                if id && !end {
                    out.push(word.to_owned());
                }
            }
        }
        assert!(out.len() > 60);
        out
    }

    #[test]
    fn every_id_has_a_page_and_no_page_is_of_a_cause() {
        let without: Vec<String> = named()
            .into_iter()
            .filter(|id| !has(id) && sshwhy_causes::by_id(id).is_none())
            .collect();
        assert!(without.is_empty(), "{without:?}");
        for id in ids() {
            assert!(sshwhy_causes::by_id(id).is_none(), "{id} has two pages");
        }
    }
}
