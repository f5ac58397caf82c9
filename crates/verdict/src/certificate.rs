//! User certificates: through a `cert-authority` line, or through TrustedUserCAKeys and its
//! principals (`user_cert_trusted_ca`, `sshkey_cert_check_authority`, `sshauthopt_from_cert`).

use crate::conf::Kw;
use crate::found;
use crate::keyfile::{self, NotOpened};
use crate::lines::{Place, authorise};
use crate::pass::{Granted, Pass, Stop};
use crate::sources::{Near, Search, Tried};
use crate::{Gate, account, command};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::{
    Answer, CaFile, Line, OfferedKey as Wanted, PrincipalsAnswer, PrincipalsLine,
};
use sshwhy_causes::certificate as cause;
use sshwhy_causes::{Cause, Finding};
use sshwhy_config::pattern::{AddrMatch, AddrText, ListMatch, addr_match_list, match_pattern_list};
use sshwhy_keys::{CertType, Certificate};
use sshwhy_world::{Errno, Fact, Feature, Kind, Reader, read_whole};

/// Most bytes of a CA or principals file that are read.
const LIMIT: usize = 32 << 20;

/// CASignatureAlgorithms.
pub(crate) fn signature_algorithm(pass: &mut Pass<'_>) -> Gate {
    let Some(cert) = offered(pass) else {
        return Err(Stop::Skipped);
    };
    if !pass.has(Feature::CaSignatureList) {
        return Ok(());
    }
    let Ok(algorithm) = cert.signature_algorithm() else {
        return Err(Stop::Skipped);
    };
    let list = pass.conf.algorithms(Kw::CASignatureAlgorithms)?;
    let joined = list.value.join(&b","[..]);
    if match_pattern_list(algorithm.name(), &joined) == ListMatch::Match {
        return Ok(());
    }
    let f = describe(&cause::cert_ca_sigalg::CAUSE, cert).arg("algorithm", algorithm.name());
    pass.refuse(found::with_setting(f, &list))
}

pub(crate) fn offered<'a>(pass: &Pass<'a>) -> Option<&'a Certificate> {
    pass.attempt.key.as_ref()?.key.as_ref().ok()?.certificate()
}

/// A finding about a certificate, with what it says of itself.
pub(crate) fn describe(which: &'static Cause, cert: &Certificate) -> Finding {
    about(Finding::new(which), cert)
}

/// Adds what a certificate says of itself.
fn about(finding: Finding, cert: &Certificate) -> Finding {
    let principals = if cert.principals.is_empty() {
        b"none".to_vec()
    } else {
        found::list(&cert.principals)
    };
    finding
        .arg("key_id", cert.key_id.as_slice())
        .arg("serial", cert.serial.to_string())
        .arg("ca_fingerprint", cert.ca_key().fingerprint())
        .arg("ca_type", cert.ca_key().key_type().short_name())
        .arg("principals", principals.as_slice())
        .evidence(found::key(cert.key_id.as_slice(), {
            let mut words = b"certificate, serial ".to_vec();
            words.extend_from_slice(cert.serial.to_string().as_bytes());
            words.extend_from_slice(b", for ");
            words.extend_from_slice(&principals);
            words.extend_from_slice(b", CA ");
            words.extend_from_slice(cert.ca_key().fingerprint().as_bytes());
            words
        }))
}

/// `sshkey_cert_check_authority`: type, validity, principals.
fn authority(
    pass: &Pass<'_>,
    cert: &Certificate,
    require_principal: bool,
    name: Option<&[u8]>,
) -> Gate {
    if cert.cert_type != CertType::User {
        let f = describe(&cause::cert_is_host::CAUSE, cert)
            .arg("reason", "Certificate invalid: not a user certificate");
        pass.refuse(f)?;
    }
    let now = u64::try_from(pass.world.now()).unwrap_or(0);
    if now < cert.valid_after {
        let f = describe(&cause::cert_not_yet_valid::CAUSE, cert)
            .arg("date", date(cert.valid_after))
            .arg("reason", "Certificate invalid: not yet valid");
        pass.refuse(f)?;
    }
    if now >= cert.valid_before {
        let f = describe(&cause::cert_expired::CAUSE, cert)
            .arg("date", date(cert.valid_before))
            .arg("reason", "Certificate invalid: expired");
        pass.refuse(f)?;
    }
    if cert.principals.is_empty() {
        if require_principal || pass.has(Feature::EmptyPrincipalsNo) {
            let f = describe(&cause::cert_no_principals::CAUSE, cert)
                .arg("reason", "Certificate lacks principal list");
            pass.refuse(f)?;
        }
    } else if let Some(name) = name
        && !cert.principals.iter().any(|p| p == name)
    {
        let f = describe(&cause::cert_principal_mismatch::CAUSE, cert)
            .arg("expected", name)
            .arg(
                "reason",
                "Certificate invalid: name is not a listed principal",
            );
        pass.refuse(f)?;
    }
    Ok(())
}

fn date(seconds: u64) -> alloc::string::String {
    i64::try_from(seconds).map_or_else(|_| "forever".to_string(), account::instant)
}

/// What a certificate's own options allow.
struct CertOptions {
    command: Option<Vec<u8>>,
    no_touch: bool,
    verify: bool,
}

/// `sshauthopt_from_cert` and the check of its source-address.
fn own_options(pass: &Pass<'_>, cert: &Certificate) -> Gate<CertOptions> {
    if cert.cert_type != CertType::User {
        let f = describe(&cause::cert_is_host::CAUSE, cert)
            .arg("reason", "Invalid certificate options");
        pass.refuse(f)?;
    }
    let verify_known = pass.has(Feature::VerifyRequired);
    for option in &cert.critical_options {
        let known = match option.name.as_slice() {
            b"force-command" | b"source-address" => option.value().is_ok(),
            b"verify-required" => verify_known,
            _ => false,
        };
        if !known {
            let f = describe(&cause::cert_critical_option_unknown::CAUSE, cert)
                .arg("option", option.name.as_slice())
                .arg("reason", "Invalid certificate options");
            pass.refuse(f)?;
        }
    }
    if let Some(Ok(list)) = cert.source_address() {
        let addr = AddrText::new(pass.attempt.from.addr);
        if addr_match_list(Some(&addr), &list) != AddrMatch::Match {
            let f = describe(&cause::cert_source_address::CAUSE, cert)
                .arg("pattern", list)
                .arg("found", addr.text());
            pass.refuse(f)?;
        }
    }
    Ok(CertOptions {
        command: cert.force_command().and_then(Result::ok),
        no_touch: cert.no_touch_required(),
        verify: cert.verify_required(),
    })
}

/// Lays the certificate's options over those of the line or principals entry.
fn merge(pass: &Pass<'_>, cert: &Certificate, own: CertOptions, granted: &mut Granted) -> Gate {
    if let (Some(a), Some(b)) = (&granted.command, &own.command)
        && a != b
    {
        pass.refuse(describe(&cause::cert_options_conflict::CAUSE, cert))?;
    }
    if let Some(command) = own.command {
        granted.command = Some(command);
        granted.command_from_cert = true;
    }
    granted.no_touch &= own.no_touch;
    granted.verify |= own.verify;
    Ok(())
}

/// The CA stands on a `cert-authority` line: the certificate's own checks.
pub(crate) fn through_line(pass: &Pass<'_>, place: &Place<'_>, granted: &mut Granted) -> Gate {
    let Some(cert) = offered(pass) else {
        return Err(Stop::Skipped);
    };
    let own = own_options(pass, cert)?;
    merge(pass, cert, own, granted)?;
    let listed = granted.options.as_ref().and_then(|o| o.principals.as_ref());
    if let Some(list) = listed {
        // `match_principals_option`: a comma list, compared name by name.
        let hit = list
            .bytes
            .split(|&b| b == b',')
            .any(|n| cert.principals.iter().any(|p| p == n));
        if !hit {
            let f = describe(&cause::cert_principal_mismatch::CAUSE, cert)
                .arg("expected", list.bytes.as_slice())
                .arg(
                    "reason",
                    "Certificate does not contain an authorized principal",
                )
                .evidence(found::text(
                    place.file,
                    place.number,
                    place.raw,
                    list.span.start..list.span.end,
                ));
            pass.refuse(f)?;
        }
        return authority(pass, cert, false, None);
    }
    let name = pass.account()?.name.clone();
    authority(pass, cert, false, Some(&name))
}

/// The CA stands on a line that lacks the mark `cert-authority`.
pub(crate) fn unmarked(pass: &Pass<'_>, place: &Place<'_>) -> Finding {
    let f = place.finding(&cause::cert_ca_not_trusted::CAUSE, place.key);
    match offered(pass) {
        Some(cert) => about(f, cert),
        None => f,
    }
}

/// TrustedUserCAKeys.
pub(crate) fn trusted_ca(
    pass: &mut Pass<'_>,
    search: &mut Search,
    wanted: Wanted<'_>,
) -> Gate<Option<Granted>> {
    if !wanted.is_certificate() {
        return Ok(None);
    }
    let Some(cert) = offered(pass) else {
        return Err(Stop::Skipped);
    };
    let setting = pass.conf.text(Kw::TrustedUserCAKeys)?;
    let Some(file) = setting.value.clone() else {
        let f = describe(&cause::cert_ca_not_trusted::CAUSE, cert);
        let f = found::with_setting(f, &setting);
        search.tried.push(Tried::new(Near::Missing, b"", f));
        return Ok(None);
    };
    let text = match read_as_root(pass, &file)? {
        Ok(text) => text,
        Err(errno) => {
            let f = describe(&cause::ca_file_missing::CAUSE, cert)
                .arg("file", file.as_slice())
                .arg("path", file.as_slice())
                .arg("reason", errno.text())
                .evidence(found::absent(&file));
            search.tried.push(Tried::new(
                Near::Unsafe,
                &file,
                found::with_setting(f, &setting),
            ));
            return Ok(None);
        }
    };
    let ca = CaFile::read(&text, &pass.server.rules);
    if !ca.trusts(wanted.blob()) {
        let hidden = ca.stops_at.filter(|&stop| {
            ca.find(wanted.blob()).is_some() || {
                let line = Line::read(line_of(&text, stop), &pass.server.rules);
                let answer = line.candidate_for(&wanted);
                !matches!(answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. })
            }
        });
        let f = match hidden {
            Some(stop) => {
                let raw = line_of(&text, stop);
                describe(&cause::ca_file_bad_line_first::CAUSE, cert)
                    .arg("line", stop.to_string())
                    .evidence(found::text(&file, stop, raw, 0..raw.len()))
            }
            None => describe(&cause::cert_ca_not_trusted::CAUSE, cert),
        };
        let near = if f.cause.id == "ca-file-bad-line-first" {
            Near::OnALine
        } else {
            Near::Damaged
        };
        let f = f.arg("file", file.as_slice()).arg("path", file.as_slice());
        search
            .tried
            .push(Tried::new(near, &file, found::with_setting(f, &setting)));
        return Ok(None);
    }
    let number = ca.find(wanted.blob()).unwrap_or(0);
    match by_principals(pass, cert) {
        Ok(mut granted) => {
            granted.file = file.clone();
            granted.line = number;
            let mut origin = file;
            origin.extend_from_slice(alloc::format!(":{number}").as_bytes());
            granted.origin = origin;
            Ok(Some(granted))
        }
        Err(Stop::Refused(f)) => {
            search.tried.push(Tried::new(Near::Trusted, &file, *f));
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

fn line_of(text: &[u8], number: u64) -> &[u8] {
    let n = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    text.split(|&b| b == b'\n').nth(n).unwrap_or(b"")
}

/// The CA is trusted: which principals may log in, and the certificate's own checks.
fn by_principals(pass: &Pass<'_>, cert: &Certificate) -> Gate<Granted> {
    let file = pass.conf.text(Kw::AuthorizedPrincipalsFile)?;
    let command_line = pass.conf.text(Kw::AuthorizedPrincipalsCommand)?;
    let in_use = file.value.is_some() || command_line.value.is_some();
    let mut granted = None;
    let mut why: Option<Finding> = None;
    if let Some(word) = &file.value {
        match principals_file(pass, cert, word)? {
            Ok(mut g) => {
                g.refused = g.refused.map(|f| Box::new(found::with_setting(*f, &file)));
                granted = Some(g);
            }
            Err(f) => why = Some(found::with_setting(f, &file)),
        }
    }
    if granted.is_none() && command_line.value.is_some() {
        match command::principals(pass, cert)? {
            Ok(g) => granted = Some(g),
            Err(f) => why = why.or(Some(f)),
        }
    }
    let mut granted = match (granted, in_use) {
        (Some(g), _) => g,
        (None, false) => Granted {
            no_touch: true,
            ..Granted::default()
        },
        (None, true) => {
            let f = why.unwrap_or_else(|| describe(&cause::cert_principals_file::CAUSE, cert));
            pass.refuse(f.arg(
                "reason",
                "Certificate does not contain an authorized principal",
            ))?;
            Granted {
                no_touch: true,
                ..Granted::default()
            }
        }
    };
    let name = pass.account()?.name.clone();
    authority(pass, cert, true, (!in_use).then_some(name.as_slice()))?;
    let own = own_options(pass, cert)?;
    if let Some(f) = granted.refused.take() {
        pass.refuse(f.arg("reason", "Refused by certificate principals options"))?;
    }
    merge(pass, cert, own, &mut granted)?;
    Ok(granted)
}

/// AuthorizedPrincipalsFile: opened as the user, and safe.
fn principals_file(
    pass: &Pass<'_>,
    cert: &Certificate,
    word: &[u8],
) -> Gate<Result<Granted, Finding>> {
    let which = &cause::cert_principals_file::CAUSE;
    let path = match keyfile::expand(pass.account()?, word) {
        Ok(path) => path,
        Err(token) => return Ok(Err(describe(which, cert).arg("token", token))),
    };
    let opened = match keyfile::open(pass, &path) {
        Ok(opened) => opened,
        Err(NotOpened::Because(_, inner)) => {
            let mut f = describe(which, cert).arg("file", path.as_slice());
            f.args.fill(&inner.args);
            f.evidence.extend(inner.evidence);
            // Of the mends only those that do not touch key lines fit a principals file.
            f.mend.extend(inner.mend.into_iter().filter(|m| {
                matches!(
                    m,
                    sshwhy_world::Mend::Mode { .. } | sshwhy_world::Mend::Owner { .. }
                )
            }));
            if f.args.get("detail").is_none() {
                f.args.set("detail", inner.cause.id);
            }
            return Ok(Err(f));
        }
        Err(NotOpened::Stop(stop)) => return Err(stop),
    };
    let cred = pass.cred()?;
    let text = match read_whole(pass.world, &opened.real, Reader::User(cred), LIMIT).known()? {
        Ok(text) => text,
        Err(errno) => {
            return Ok(Err(describe(which, cert)
                .arg("file", path.as_slice())
                .arg("path", path.as_slice())
                .arg("reason", errno.text())));
        }
    };
    principals_text(pass, cert, &path, &text)
}

/// The lines of a principals file or of a command's output. The first that names a principal of the
/// certificate is the one that counts, whatever its options say then.
pub(crate) fn principals_text(
    pass: &Pass<'_>,
    cert: &Certificate,
    path: &[u8],
    text: &[u8],
) -> Gate<Result<Granted, Finding>> {
    let mut best: Option<Finding> = None;
    let described = || describe(&cause::cert_principals_file::CAUSE, cert);
    for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
        let number = i as u64 + 1;
        let line = PrincipalsLine::read(raw, &pass.server.rules);
        let span = line
            .entry
            .as_ref()
            .map_or_else(Default::default, |e| e.name);
        let place = Place {
            file: path,
            number,
            raw,
            key: span,
        };
        match line.answer(cert.principals.iter().map(Vec::as_slice)) {
            PrincipalsAnswer::Match(options) => {
                let refused = match authorise(pass, &place, &options, false) {
                    Ok(()) => None,
                    Err(Stop::Refused(mut f)) => {
                        f.args.fill(&described().args);
                        f.evidence.extend(described().evidence);
                        Some(f)
                    }
                    Err(other) => return Err(other),
                };
                return Ok(Ok(Granted {
                    command: options.command.as_ref().map(|c| c.expose().to_vec()),
                    no_touch: !options.touch_required,
                    verify: options.verify_required,
                    options: Some(*options),
                    refused,
                    ..Granted::default()
                }));
            }
            PrincipalsAnswer::Nothing => {}
            _ => {
                let name = span.of(raw);
                let trimmed = name.strip_suffix(b"\r").unwrap_or(name);
                let near = cert
                    .principals
                    .iter()
                    .any(|p| p.eq_ignore_ascii_case(trimmed) || raw.trim_ascii().starts_with(p));
                if near && best.is_none() {
                    let mut f = place.finding(&cause::cert_principals_file::CAUSE, span);
                    if line.has_trailing_cr() {
                        f.args
                            .set("detail", "a CR at the end of the line is part of the name");
                    }
                    best = Some(f);
                }
            }
        }
    }
    let described = described();
    Ok(Err(match best {
        Some(mut f) => {
            f.args.fill(&described.args);
            f.evidence.extend(described.evidence);
            f
        }
        None => described.arg("file", path).arg("path", path),
    }))
}

/// A file that sshd reads as root, with no check of its modes.
pub(crate) fn read_as_root(pass: &Pass<'_>, path: &[u8]) -> Gate<Result<Vec<u8>, Errno>> {
    let resolved = match sshwhy_world::resolve::resolve(pass.world, path, None)? {
        Ok(r) => r,
        Err(stop) => return Ok(Err(stop.errno)),
    };
    if resolved.real == b"/dev/null" && resolved.node.kind == Kind::CharDevice {
        return Ok(Ok(Vec::new()));
    }
    match read_whole(pass.world, &resolved.real, Reader::Root, LIMIT) {
        Fact::Known(Ok(text)) => Ok(Ok(text)),
        Fact::Known(Err(errno)) => Ok(Err(errno)),
        Fact::Unknown(gap) => Err(gap.into()),
    }
}
