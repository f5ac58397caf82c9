//! `sshwhy key show`: everything about a key file.

use super::args::Show;
use super::beside::{self, Beside, Permissions};
use super::certificate;
use super::clients::{Client, clients, clients_of_format};
use super::diagnose::{Diagnosis, Private, diagnose};
use super::list;
use super::problem::{Help, Problem};
use super::protection;
use super::repair::can_repair;
use super::secret_input;
use super::shell;
use super::source::Source;
use super::weakness;
use crate::args::Format as Shape;
use crate::failure::Failure;
use crate::output;
use serde::Serialize;
use sshwhy_keyfile::{Passphrase, Protection, public_write};
use sshwhy_keys::{Encoding, Format, PublicKey, VEIL_LONG, VEIL_SHORT, veiled_text};
use sshwhy_report::{json, safe};
use std::ffi::OsStr;
use std::io::{self, Write};

/// Everything about one file.
pub(super) struct Shown {
    pub(super) name: Vec<u8>,
    pub(super) diagnosis: Diagnosis,
    comment: Vec<u8>,
    key: Option<PublicKey>,
    line: Option<String>,
    beside: Vec<Beside>,
    permissions: Option<Permissions>,
    clients: Vec<Client>,
    certificate: Option<certificate::Words>,
    /// What of the key was not looked at.
    not_checked: Vec<String>,
}

pub(super) fn run(a: &Show) -> Result<u8, Failure> {
    let passphrase = match &a.unlock.passphrase_file {
        Some(path) => Some(secret_input::from_file(path)?),
        None => None,
    };
    if let (Shape::Text, [file]) = (a.common.format, a.file.as_slice()) {
        // A long list is printed as it is read.
        let source = Source::open(file)?;
        if list::is_list(&source) {
            return output::stream(&a.common, |mut out| list::stream(source, &mut out));
        }
        let shown = File::Key(Box::new(of_source(&source, passphrase.as_ref(), a.ask)?));
        return finish(a, vec![shown]);
    }
    let mut files = Vec::new();
    for file in &a.file {
        files.push(one(file, passphrase.as_ref(), a.ask)?);
    }
    finish(a, files)
}

fn finish(a: &Show, files: Vec<File>) -> Result<u8, Failure> {
    let code = u8::from(files.iter().any(|f| match f {
        File::Key(s) => s.diagnosis.is_damaged(),
        File::Keys(l) => l.is_damaged(),
    }));
    output::print(&a.common, code, |out| match a.common.format {
        Shape::Json => documents(files, out),
        Shape::Text => {
            for (n, file) in files.into_iter().enumerate() {
                if n > 0 {
                    writeln!(out)?;
                }
                match file {
                    File::Key(s) => s.text(out)?,
                    File::Keys(l) => l.text(out)?,
                }
            }
            Ok(())
        }
    })
}

enum File {
    Key(Box<Shown>),
    Keys(list::Keys),
}

fn one(file: &OsStr, passphrase: Option<&Passphrase>, ask: bool) -> Result<File, Failure> {
    let source = Source::open(file)?;
    if list::is_list(&source) {
        return Ok(File::Keys(list::read(source)?));
    }
    Ok(File::Key(Box::new(of_source(&source, passphrase, ask)?)))
}

fn of_source(
    source: &Source,
    passphrase: Option<&Passphrase>,
    ask: bool,
) -> Result<Shown, Failure> {
    let given = passphrase.map(Passphrase::as_bytes);
    let mut diagnosis = diagnose(&source.data, &source.name, given);
    if ask && matches!(diagnosis.private, Private::Locked) {
        let typed = secret_input::ask(&format!("Passphrase for {}: ", safe::shown(&source.name)))?;
        let typed = Some(typed.as_bytes());
        diagnosis = diagnose(&source.data, &source.name, typed);
        return Ok(Shown::new(source, diagnosis, typed));
    }
    Ok(Shown::new(source, diagnosis, given))
}

impl Shown {
    fn new(source: &Source, mut d: Diagnosis, given: Option<&[u8]>) -> Shown {
        let opened = match &d.private {
            Private::Open(key) => Some(key.as_ref()),
            _ => None,
        };
        let key = opened
            .map(|k| k.public().clone())
            .or_else(|| d.file.as_ref().and_then(|f| f.public.clone()))
            .or_else(|| d.public.as_ref().map(|p| p.key.clone()));
        let comment = opened
            .map(|k| k.comment().to_vec())
            .or_else(|| d.file.as_ref().and_then(|f| f.comment.clone()))
            .or_else(|| d.public.as_ref().map(|p| p.comment.clone()))
            .unwrap_or_default();
        // A line of the private half may stand glued to the comment.
        let least = match d.is_damaged() {
            true => VEIL_SHORT,
            false => VEIL_LONG,
        };
        let told = veiled_text(&comment, least);
        let mut beside = Vec::new();
        let mut permissions = None;
        if let (Some(path), Some(format)) = (&source.path, d.format.clone()) {
            let (found, problems) = beside::look(path, d.is_private(), key.as_ref());
            beside = found;
            d.problems.extend(problems);
            if let (true, Some(rights)) = (d.is_private(), &source.rights) {
                let (seen, problem) = beside::permissions(rights, &format, path);
                permissions = Some(seen);
                d.problems.extend(problem);
            }
        }
        let mut words = None;
        let mut not_checked = Vec::new();
        if let Some(key) = &key {
            words = certificate::words(key);
            if let Some(c) = key.certificate() {
                d.problems.extend(certificate::problems(c));
            }
            let used_by_putty = matches!(d.format, Some(Format::Ppk { .. }));
            // The numbers of a damaged key tell nothing.
            if !matches!(d.private, Private::Damaged) {
                let (problems, left) = weakness::notes(key, used_by_putty);
                d.problems.extend(problems);
                not_checked = left;
            }
        }
        let protection = d.file.as_ref().map(|f| &f.protection);
        let mut clients = match (&key, &d.format) {
            (Some(key), Some(format)) => clients(format, key, protection),
            (None, Some(format)) if d.is_private() => clients_of_format(format),
            _ => Vec::new(),
        };
        for c in &mut clients {
            c.text = shell::naming(&c.text, &source.name);
        }
        // Where lines were moved, bytes of the private half may stand where the public one belongs.
        let proven = opened.is_some() || !d.is_private() || !d.is_damaged();
        let line = key.as_ref().filter(|_| proven).map(|k| {
            let comment = if told == comment {
                comment.as_slice()
            } else {
                b""
            };
            let line = public_write::line(&k.to_plain(), comment);
            safe::json(line.strip_suffix(b"\n").unwrap_or(&line))
        });
        d.problems.sort_by_key(|p| !p.is_damage());
        if let Some(first) = d.problems.first_mut().filter(|p| p.is_of_the_file())
            && can_repair(source, given)
        {
            let output = [&source.name[..], b".new"].concat();
            let command = shell::words(&[
                b"sshwhy",
                b"key",
                b"repair",
                b"--output",
                &output,
                b"--",
                &source.name,
            ]);
            first.help.retain(|h| !h.text.contains("key repair"));
            first.help.insert(
                0,
                Help {
                    text: "restore it, in a new file".into(),
                    commands: command.into_iter().collect(),
                },
            );
        }
        Shown {
            name: source.name.clone(),
            comment: told,
            key,
            line,
            beside,
            permissions,
            clients,
            certificate: words,
            not_checked,
            diagnosis: d,
        }
    }

    /// The first line: what the file is.
    fn headline(&self) -> String {
        let d = &self.diagnosis;
        let mut out = match &d.format {
            None => "no key".to_owned(),
            Some(format) => format.to_string(),
        };
        match d.file.as_ref().map(|f| &f.protection) {
            Some(Protection::None) => out.push_str(", not encrypted"),
            Some(_) => out.push_str(", encrypted"),
            None => {}
        }
        out.push_str(match d.encoding {
            Encoding::Bytes => "",
            Encoding::Utf8Bom => ", with a byte order mark",
            _ => ", in UTF-16",
        });
        if d.problems.iter().any(Problem::is_of_the_file) {
            out.push_str(": damaged");
        } else if matches!(d.private, Private::WrongPassphrase) {
            out.push_str(": not opened");
        }
        out
    }

    fn halves(&self) -> Option<String> {
        Some(match &self.diagnosis.private {
            Private::None => return None,
            Private::Locked => {
                "not compared: the private one is behind the passphrase (--ask, --passphrase-file)"
                    .into()
            }
            Private::Open(key) => match key.check() {
                Ok(sshwhy_keyfile::Checked::Fits) => "private and public belong together".into(),
                Ok(sshwhy_keyfile::Checked::NotChecked(why)) => format!("not compared: {why}"),
                Err(why) => why.to_string(),
            },
            Private::WrongPassphrase => "not compared: the passphrase does not open it".into(),
            Private::Damaged => "the file is damaged".into(),
            Private::NotLooked => "not compared".into(),
        })
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        const STRONG: anstyle::Style = anstyle::Style::new().bold();
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}: {}",
            safe::shown(&self.name),
            safe::shown(self.headline().as_bytes())
        )?;
        let mut row =
            |name: &str, text: &str| writeln!(out, "  {name:<12} {}", safe::shown(text.as_bytes()));
        if let Some(key) = &self.key {
            row("type", &format!("{} ({} bits)", key.key_type(), key.bits()))?;
            row("SHA256", &key.fingerprint())?;
            row("MD5", &key.fingerprint_md5())?;
            if let Some(app) = key.application() {
                row("application", &String::from_utf8_lossy(app))?;
            }
        }
        if !self.comment.is_empty() {
            row("comment", &safe::shown(&self.comment))?;
        }
        if let Some(file) = &self.diagnosis.file {
            let p = protection::words(&file.protection);
            let how = match (&p.cipher, &p.kdf) {
                (Some(cipher), Some(kdf)) => format!("{cipher}; {kdf} ({})", p.strength),
                _ => "no passphrase".into(),
            };
            row("protection", &how)?;
            row("", &p.meaning)?;
        }
        if let Some(halves) = self.halves() {
            row("halves", &halves)?;
        }
        for b in &self.beside {
            row("beside", &format!("{}: {}", b.path, b.detail))?;
        }
        for (n, line) in self.certificate.iter().flat_map(|c| c.lines()).enumerate() {
            row(if n == 0 { "certificate" } else { "" }, &line)?;
        }
        if let Some(p) = &self.permissions {
            row("rights", &format!("mode {}, uid {}", p.mode, p.uid))?;
            row("", &format!("OpenSSH {}; PuTTY {}", p.openssh, p.putty))?;
        }
        for (n, c) in self.clients.iter().enumerate() {
            let name = if n == 0 { "clients" } else { "" };
            row(name, &format!("{}: {}", c.client, c.text))?;
        }
        for what in &self.not_checked {
            row("weakness", what)?;
        }
        if let Some(line) = &self.line {
            row("line", line)?;
        }
        for p in &self.diagnosis.problems {
            writeln!(out)?;
            p.message(&self.name).render(out)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Doc<'a> {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    key_files: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Key(Box<KeyFileDoc<'a>>),
    Keys(list::Doc<'a>),
}

#[derive(Serialize)]
struct KeyFileDoc<'a> {
    file: String,
    /// whole, damaged
    state: &'static str,
    format: Option<FormatDoc>,
    encoding: &'static str,
    key: Option<KeyDoc>,
    private: Option<PrivateDoc>,
    certificate: Option<&'a certificate::Words>,
    line: Option<&'a str>,
    beside: &'a [Beside],
    permissions: Option<&'a Permissions>,
    clients: &'a [Client],
    not_checked: &'a [String],
    causes: Vec<super::problem::ProblemDoc>,
    notes: Vec<super::problem::ProblemDoc>,
}

#[derive(Serialize)]
struct FormatDoc {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    text: String,
}

#[derive(Serialize)]
pub(super) struct KeyDoc {
    #[serde(rename = "type")]
    kind: String,
    bits: u32,
    fingerprint: String,
    fingerprint_md5: String,
    comment: String,
    source: String,
}

#[derive(Serialize)]
struct PrivateDoc {
    encrypted: bool,
    /// open, locked, wrong-passphrase, damaged, not-looked
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    protection: Option<protection::Words>,
    #[serde(skip_serializing_if = "Option::is_none")]
    halves: Option<String>,
}

/// A format's id.
fn format_id(format: &Format) -> &'static str {
    match format {
        Format::PublicLine => "line",
        Format::CertificateLine => "certificate",
        Format::OptionsLine => "authorized-keys-line",
        Format::KnownHostsLine => "known-hosts-line",
        Format::BareBase64 => "base64",
        Format::Rfc4716 => "rfc4716",
        Format::Ppk { .. } => "ppk",
        Format::OpensshPrivate => "openssh",
        Format::Pem { label, .. } => match label.as_slice() {
            b"PRIVATE KEY" | b"ENCRYPTED PRIVATE KEY" => "pkcs8",
            b"PUBLIC KEY" => "spki",
            _ => "pem",
        },
        Format::SshCom => "sshcom",
        Format::Ssh1Line | Format::Ssh1Private => "ssh1",
        Format::Krl => "krl",
        _ => "other",
    }
}

impl Shown {
    fn document(&self) -> KeyFileDoc<'_> {
        let d = &self.diagnosis;
        let (causes, notes): (Vec<&Problem>, Vec<&Problem>) =
            d.problems.iter().partition(|p| p.is_damage());
        let docs = |all: Vec<&Problem>| all.iter().map(|p| p.document(&self.name)).collect();
        let encrypted = match (&d.file, &d.format) {
            (Some(f), _) => f.protection != Protection::None,
            (None, Some(Format::Ppk { encrypted, .. } | Format::Pem { encrypted, .. })) => {
                *encrypted
            }
            _ => false,
        };
        KeyFileDoc {
            file: safe::json(&self.name),
            state: match d.problems.iter().any(Problem::is_of_the_file) {
                true => "damaged",
                false => "whole",
            },
            format: d.format.as_ref().map(|f| FormatDoc {
                id: format_id(f),
                version: match f {
                    Format::Ppk { version, .. } => Some(*version),
                    _ => None,
                },
                text: f.to_string(),
            }),
            encoding: match d.encoding {
                Encoding::Bytes => "bytes",
                Encoding::Utf8Bom => "utf-8-bom",
                Encoding::Utf16Le { .. } => "utf-16le",
                Encoding::Utf16Be { .. } => "utf-16be",
            },
            key: self
                .key
                .as_ref()
                .map(|k| key_doc(k, &self.comment, &self.name)),
            private: d.is_private().then(|| PrivateDoc {
                encrypted,
                state: match d.private {
                    Private::Open(_) => "open",
                    Private::Locked => "locked",
                    Private::WrongPassphrase => "wrong-passphrase",
                    Private::Damaged => "damaged",
                    Private::NotLooked | Private::None => "not-looked",
                },
                protection: d.file.as_ref().map(|f| protection::words(&f.protection)),
                halves: self.halves(),
            }),
            certificate: self.certificate.as_ref(),
            line: self.line.as_deref(),
            beside: &self.beside,
            permissions: self.permissions.as_ref(),
            clients: &self.clients,
            not_checked: &self.not_checked,
            causes: docs(causes),
            notes: docs(notes),
        }
    }
}

pub(super) fn key_doc(key: &PublicKey, comment: &[u8], source: &[u8]) -> KeyDoc {
    KeyDoc {
        kind: safe::json(key.key_type().name()),
        bits: key.bits(),
        fingerprint: key.fingerprint(),
        fingerprint_md5: key.fingerprint_md5(),
        comment: safe::json(&veiled_text(comment, VEIL_LONG)),
        source: safe::json(source),
    }
}

fn documents(files: Vec<File>, out: &mut dyn Write) -> io::Result<()> {
    let key_files = files
        .iter()
        .map(|f| match f {
            File::Key(s) => Entry::Key(Box::new(s.document())),
            File::Keys(l) => Entry::Keys(l.document()),
        })
        .collect();
    let doc = Doc {
        schema: "sshwhy/1",
        command: "key show",
        results: [],
        key_files,
    };
    json::write(&doc, out)
}
