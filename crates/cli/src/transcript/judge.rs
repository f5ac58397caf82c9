//! What a connection of a transcript comes to, as an entry of the report.

use super::attempt::Attempt;
use crate::ranked;
use sshwhy_causes::{Args, Certainty, Evidence, EvidenceKind, Finding, Stage, by_id};
use sshwhy_rank::{Certificate, KeyKind, Place, Server, Signs};
use sshwhy_report::{Entry, Subject, SubjectKey};
use sshwhy_verdict::{Judgement, Outcome, Step, Verdict};
use sshwhy_world::Gap;

/// The gates that a client sees pass or fail, in sshd's order.
const GATES: [(&str, Place); 6] = [
    ("server_listen", Place::Identification),
    ("kex_choose_conf", Place::HostKey),
    ("getpwnam", Place::HostKey),
    ("authmethod_lookup", Place::Method),
    ("user_key_allowed", Place::Query),
    ("key_verify", Place::Closed),
];

/// The entry of one connection.
pub(super) fn entry(attempt: Attempt, source: &[u8]) -> Entry {
    let place = attempt.place();
    let mut findings = findings(&attempt, place, source);
    findings.sort_by_key(|f| std::cmp::Reverse(f.certainty));
    let known: Vec<&str> = findings.iter().map(|f| f.cause.id).collect();
    if ranks(place, &findings) {
        findings.extend(ranked::findings(
            &signs(&attempt, place),
            &facts(&attempt),
            &known,
        ));
    }
    let proven = findings
        .first()
        .is_some_and(|f| f.certainty == Certainty::Certain);
    let mut judgement = Judgement {
        verdict: Verdict::Undetermined,
        causes: Vec::new(),
        after_login: Vec::new(),
        notes: Vec::new(),
        trace: trace(place),
        gaps: Vec::new(),
    };
    match place {
        Place::Accepted | Place::Session => {
            judgement.verdict = Verdict::Accept;
            let (after, notes): (Vec<_>, Vec<_>) = findings
                .into_iter()
                .partition(|f| f.cause.stage == Stage::AfterAuth);
            judgement.after_login = after;
            judgement.notes = notes;
        }
        _ => {
            if proven && place.refuses() {
                judgement.verdict = Verdict::Refuse;
            } else {
                judgement.gaps.push(gap(place, attempt.only_denied()));
            }
            judgement.causes = findings;
        }
    }
    Entry {
        subject: subject(&attempt, source),
        judgement,
        observed: true,
        count: 1,
    }
}

fn gap(place: Place, bare: bool) -> Gap {
    let what = if bare || place == Place::Unknown {
        "why the server refused".to_owned()
    } else {
        format!("the cause; the login stopped here: {}", place.words())
    };
    let (why, get) = match place {
        Place::Unknown => (
            "the text does not say at which step it stopped",
            "paste all of `ssh -v`, or PuTTY's event log (right click on the title bar)",
        ),
        Place::HostKey => (
            "the host key was not confirmed, so that no key was offered",
            "compare the host key's fingerprint with the administrator's, and connect again",
        ),
        _ => (
            "the server tells the client no reason",
            "on the server: sudo sshwhy audit --user NAME --key KEY",
        ),
    };
    Gap::could_not(what, why, get)
}

/// The gates as far as a client sees them.
pub(crate) fn trace(place: Place) -> Vec<Step> {
    let mut out = Vec::new();
    if place == Place::Unknown {
        return out;
    }
    for (gate, until) in GATES {
        let outcome = if place <= until {
            Outcome::Fail
        } else {
            Outcome::Pass
        };
        let detail = if outcome == Outcome::Fail {
            place.words().as_bytes().to_vec()
        } else {
            Vec::new()
        };
        out.push(Step {
            gate,
            outcome,
            detail,
        });
        if outcome == Outcome::Fail {
            break;
        }
    }
    out
}

/// Whether the causes that a place leaves are worth telling: nothing is proven, or what is proven
/// stands for several.
fn ranks(place: Place, findings: &[Finding]) -> bool {
    let certain = findings
        .iter()
        .any(|f| f.certainty == Certainty::Certain && f.cause.id != "publickey-not-offered");
    !certain
        && matches!(
            place,
            Place::Identification
                | Place::Method
                | Place::NotOffered
                | Place::Query
                | Place::Unsigned
                | Place::Signature
                | Place::Closed
                | Place::Disconnected
        )
}

fn signs(attempt: &Attempt, place: Place) -> Signs {
    let mut signs = Signs::at(place);
    if let Some(server) = &attempt.server {
        signs.identified(server);
    }
    signs.user = attempt.user.clone().unwrap_or_default();
    signs.offered = attempt.offers.len();
    if let Some(kind) = attempt.key().and_then(|k| k.kind.as_deref()) {
        let (kind, cert) = KeyKind::of(kind);
        signs.key = Some(kind);
        signs.certificate = cert.then(Certificate::default);
    }
    signs.sha1_only = attempt.client.as_deref().and_then(sha1_only);
    signs
}

/// Whether a client signs RSA with SHA-1 alone: PuTTY before 0.75, OpenSSH before 7.2.
fn sha1_only(client: &[u8]) -> Option<bool> {
    if let Some(version) = client.strip_prefix(b"PuTTY_Release_0.") {
        return Some(version.get(..2)? < &b"75"[..]);
    }
    match Server::of(client) {
        Server::OpenSsh(major, minor) if major > 0 => Some((major, minor) < (7, 2)),
        _ => None,
    }
}

fn facts(attempt: &Attempt) -> Args {
    let mut facts = Args::new();
    for (name, value) in [
        ("user", &attempt.user),
        ("host", &attempt.host),
        ("port", &attempt.port),
        ("methods", &attempt.methods),
    ] {
        if let Some(value) = value {
            facts.set(name, value.as_slice());
        }
    }
    if let Some(print) = attempt.key().and_then(|k| k.fingerprint.as_ref()) {
        facts.set("fingerprint", print.as_slice());
    }
    facts
}

fn findings(attempt: &Attempt, place: Place, source: &[u8]) -> Vec<Finding> {
    let mut out = Vec::new();
    let facts = facts(attempt);
    for said in &attempt.said {
        let Some(cause) = by_id(said.id) else {
            continue;
        };
        let mut evidence = Evidence::new(EvidenceKind::Log);
        evidence.path = Some(source.to_vec());
        evidence.line = Some(said.line);
        evidence.detail = Some(said.text.clone());
        let mut finding = Finding::new(cause).evidence(evidence);
        finding.args = said.args.clone();
        finding.args.fill(&facts);
        finding.certainty = certainty(attempt, place, said.id, said.of_a_key);
        out.push(finding);
    }
    let add = |out: &mut Vec<Finding>, id: &str, certainty| {
        if let Some(cause) = by_id(id)
            && !out.iter().any(|f| f.cause.id == id)
        {
            let mut finding = Finding::new(cause);
            finding.args = facts.clone();
            finding.certainty = certainty;
            out.push(finding);
        }
    };
    match place {
        // Of a last line alone: the list after a partial success looks the same.
        Place::Method if attempt.only_denied() => {
            add(&mut out, "publickey-not-offered", Certainty::Likely);
        }
        Place::Method => add(&mut out, "publickey-not-offered", Certainty::Certain),
        Place::Partial => add(
            &mut out,
            "authentication-methods-need-more",
            Certainty::Certain,
        ),
        _ => {}
    }
    out
}

/// What a line says of one key is sure; whether that key is what stopped the login is so only
/// where the server refused no other.
fn certainty(attempt: &Attempt, place: Place, id: &str, of_a_key: bool) -> Certainty {
    match id {
        // The end of the path is no proof of what stands in the file; nor is a name for it.
        "ppk-given-to-openssh" | "key-not-in-agent" => Certainty::Likely,
        // What the person at the client typed, or a banner, may say anything.
        "pam-nologin" | "pam-account-expired" if place != Place::Closed => Certainty::Possible,
        // PAM says the same of a password that has been out of date for too long.
        "pam-account-expired" => Certainty::Likely,
        // Of all connections, or of those from one address.
        "max-startups" => Certainty::Likely,
        "client-too-many-keys" if attempt.offers.len() < 2 => Certainty::Possible,
        _ if of_a_key && attempt.others_refused() => Certainty::Likely,
        _ => Certainty::Certain,
    }
}

fn subject(attempt: &Attempt, source: &[u8]) -> Subject {
    let mut subject = Subject {
        user: attempt.user.clone(),
        ..Subject::default()
    };
    let text = |v: &Option<Vec<u8>>| {
        v.as_deref()
            .and_then(|v| std::str::from_utf8(v).ok())
            .map(str::to_owned)
    };
    if let (Some(addr), Some(port)) = (text(&attempt.addr), text(&attempt.port))
        && let (Ok(addr), Ok(port)) = (addr.parse(), port.parse())
    {
        subject.to = Some(std::net::SocketAddr::new(addr, port));
    }
    if let Some(key) = attempt.key()
        && let Some(fingerprint) = text(&key.fingerprint)
    {
        subject.key = Some(SubjectKey {
            key_type: key.kind.clone().unwrap_or_default(),
            fingerprint,
            source: key.path.clone().unwrap_or_else(|| source.to_vec()),
            comment: Vec::new(),
        });
    }
    subject
}
