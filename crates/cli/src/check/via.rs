//! `check --via` and `--collect`: the facts from the inside, judged here.

use super::args::Check;
use super::{Outcome, entry};
use crate::args::Format;
use crate::attempts::{Ends, Plan};
use crate::failure::Failure;
use crate::key::secret_input;
use crate::{keys, output};
use sshwhy_check::identity::{self, From, Identity, Offers};
use sshwhy_check::probe::{Known, Limits, Question};
use sshwhy_check::target::Target;
use sshwhy_check::via::{Inside, Shut, Way, through};
use sshwhy_collect::bundle::{Bundle, BundleWorld, Want, script};
use sshwhy_report::safe::shown;
use sshwhy_report::{Document, Entry, ServerInfo, Subject, redact};
use sshwhy_verdict::{Judgement, Server, Verdict};
use sshwhy_world::{Gap, Peer, World};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Rounds of questions: each is one script.
const ROUNDS: usize = 24;
/// Keys refused before the other way is tried: sshd's MaxAuthTries, 6 unless set, holds for both.
const REFUSALS: usize = 3;

/// Prints the script for a console.
pub(super) fn collect(args: &Check, target: &Target, offers: &Offers) -> Result<u8, Failure> {
    let named = offers.identities.iter().find(|i| i.is_named());
    let identity = named.or(offers.identities.first());
    let mut attempt = format!("@user {}\n", String::from_utf8_lossy(&target.user));
    if let Some(key) = identity.and_then(|i| i.public.as_ref()) {
        attempt.push_str(&format!(
            "@key {} {}\n",
            String::from_utf8_lossy(key.key_type().name()),
            sshwhy_keys::base64::encode(key.blob())
        ));
    }
    let text = script::console(&target.user, &attempt).ok_or_else(|| {
        Failure::new(
            "no script can be made",
            format!("the name {} holds odd bytes", shown(&target.user)),
            "on the server: sudo sshwhy audit",
        )
    })?;
    output::print(&args.common, 0, |out| out.write_all(text.as_bytes()))
}

/// A yes or no at the terminal. `None`: there is no terminal.
fn agreed(question: &str) -> Option<bool> {
    let mut tty = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    write!(tty, "{question} (yes or no) ").ok()?;
    let mut line = String::new();
    BufReader::new(tty).read_line(&mut line).ok()?;
    Some(line.trim() == "yes")
}

/// The refused keys, another way in, and the audit from there.
pub(super) fn run(
    args: &Check,
    way: &str,
    target: Target,
    offers: Offers,
    known: &Known,
    order: &[usize],
) -> Result<u8, Failure> {
    let user = args.via_user.as_ref().map(|u| u.as_bytes().to_vec());
    let inside_user = user.clone().unwrap_or_else(|| target.user.clone());
    if !args.yes {
        let question = format!(
            "Log in to {} as {} by {way}, and read there (nothing is changed or installed) the \
             configuration of sshd, the account of {} and its key files?",
            shown(&target.typed),
            shown(&inside_user),
            shown(&target.user)
        );
        if agreed(&question) != Some(true) {
            return Err(Failure::new(
                "nobody agreed to look inside",
                "nothing was done",
                "--yes agrees beforehand; --collect prints what would be run",
            ));
        }
    }
    let given = args
        .passphrase_file
        .as_deref()
        .map(secret_input::from_file)
        .transpose()?;
    let word = |prompt: String| -> Option<Zeroizing<Vec<u8>>> {
        if let Some(given) = &given {
            return Some(Zeroizing::new(given.as_bytes().to_vec()));
        }
        let word = secret_input::ask(&prompt).ok()?;
        Some(Zeroizing::new(word.as_bytes().to_vec()))
    };
    let passphrase = |path: &Path| {
        word(format!(
            "Passphrase for {}: ",
            shown(path.as_os_str().as_bytes())
        ))
    };
    let password_prompt = format!(
        "{}@{}'s password: ",
        shown(&inside_user),
        shown(&target.typed)
    );
    let password = || word(password_prompt.clone());
    let other = other_key(way, &target)?;
    let way = match &other {
        Some(identity) => Way::Key(identity),
        None => Way::Password(&password),
    };
    // The other way's own key is none of the refused ones.
    let order: Vec<usize> = order
        .iter()
        .copied()
        .filter(|i| {
            let blob = offers.identities.get(*i).map(|o| &o.blob);
            other.as_ref().map(|o| &o.blob) != blob
        })
        .collect();
    let answer = Duration::from_secs(args.timeout);
    let question = Question {
        identities: &offers.identities,
        others: &[],
        order: &order,
        known,
        limits: Limits {
            answer,
            total: Duration::from_secs(600),
            refusals: REFUSALS,
            session: false,
        },
        passphrase: &passphrase,
    };
    let host = shown(&target.typed).to_string();
    let trusted = |print: &str| {
        let question = format!(
            "The host key of {host} is not known: {print}. Send it the password all the same?"
        );
        agreed(&question) == Some(true)
    };
    let done = through(&target, &question, user.as_deref(), &way, &trusted);
    let report = done.report;
    let subject = super::subject(&offers, &report);
    let outcome = Outcome {
        target,
        offers,
        others: Vec::new(),
        report,
        subject,
    };
    match done.inside {
        Ok(inside) => judged(args, &outcome, inside),
        Err(Shut::NotNeeded) => plain(args, &outcome, None),
        Err(shut) => {
            let (what, get) = words(&shut, &inside_user);
            let gap = Gap::could_not("the facts from the inside", what, get);
            plain(args, &outcome, Some(gap))
        }
    }
}

fn words(shut: &Shut, user: &[u8]) -> (String, String) {
    match shut {
        Shut::Stranger(print) => (
            format!("the host key {print} is not known, so no password was sent"),
            format!("compare it on the server itself, then: --host-key {print}"),
        ),
        Shut::NoPassword => (
            "no password was given".into(),
            "--passphrase-file FILE, or at a terminal".into(),
        ),
        Shut::Refused(methods) => (
            format!("the other way is refused for {} too", shown(user)),
            format!("methods that can continue: {}", shown(methods)),
        ),
        Shut::Ended | Shut::NotNeeded => (
            "the connection ended before the other way was tried".into(),
            "try again with the one key alone: -i FILE".into(),
        ),
    }
}

/// The key of `key:FILE`; none for `password`.
fn other_key(way: &str, target: &Target) -> Result<Option<Identity>, Failure> {
    if way == "password" {
        return Ok(None);
    }
    let fail = |why: String| {
        Failure::new(
            "there is no such way in",
            why,
            "--via password, or --via key:FILE with a private key",
        )
    };
    let path = way
        .strip_prefix("key:")
        .ok_or_else(|| fail(format!("expected password or key:FILE, found {way}")))?;
    let path = PathBuf::from(path);
    let found = identity::gather(target, std::slice::from_ref(&path));
    found
        .identities
        .into_iter()
        .find(|i| {
            let of = match &i.from {
                From::File { path, .. } => Some(path),
                From::Agent { path, .. } => path.as_ref(),
            };
            of == Some(&path) && !i.blob.is_empty()
        })
        .map(Some)
        .ok_or_else(|| fail(format!("{} is no key that can be offered", path.display())))
}

/// What the wire alone told.
fn plain(args: &Check, outcome: &Outcome, gap: Option<Gap>) -> Result<u8, Failure> {
    let mut entry = entry::of(outcome, &[]);
    if let Some(gap) = gap {
        entry.judgement.gaps.push(gap);
    }
    show(args, outcome, None, entry)
}

fn show(
    args: &Check,
    outcome: &Outcome,
    server: Option<ServerInfo>,
    entry: Entry,
) -> Result<u8, Failure> {
    let document = Document {
        command: "check",
        server,
        results: vec![entry],
    };
    let code = document.exit_code();
    output::print(&args.common, code, |out| match args.common.format {
        Format::Text => super::text::render(outcome, &document, args.common.verbose, out),
        Format::Json => super::json::render(outcome, &document, out),
    })
}

fn judged(args: &Check, outcome: &Outcome, mut inside: Inside) -> Result<u8, Failure> {
    let user = &outcome.target.user;
    let facts = gathered(args, outcome, &mut inside);
    inside.end();
    let (judgement, server) = match facts {
        Ok((judgement, server)) => (judgement, server),
        Err(why) => {
            let gap = Gap::could_not(
                "the facts from the inside",
                why,
                format!("on the server: sudo sshwhy audit --user {}", shown(user)),
            );
            return plain(args, outcome, Some(gap));
        }
    };
    let mut entry = entry::of(outcome, &[]);
    let refused = entry.judgement.verdict == Verdict::Refuse;
    entry.judgement = reconciled(judgement, refused);
    show(args, outcome, Some(server), entry)
}

/// What was seen is true: facts that would let the key in and a server that does not leave something
/// unseen, and then no cause is named.
fn reconciled(mut judgement: Judgement, refused: bool) -> Judgement {
    if judgement.verdict == Verdict::Accept && refused {
        judgement.verdict = Verdict::Undetermined;
        judgement.causes.clear();
        judgement.gaps.push(Gap::could_not(
            "what makes the server refuse",
            "it refused the key, and the facts that were read would let it in",
            "on the server, as root: sudo sshwhy audit --logs; and whether sshd was reloaded since",
        ));
    }
    judgement
}

/// The facts, asked for until nothing is missing that can be had.
fn gathered(
    args: &Check,
    outcome: &Outcome,
    inside: &mut Inside,
) -> Result<(Judgement, ServerInfo), String> {
    let user = &outcome.target.user;
    let none = || "the account's name holds odd bytes".to_owned();
    let script = script::console(user, "").ok_or_else(none)?;
    let mut bundle = Bundle::read(&inside.run(&script)?);
    if bundle.uid() != Some(0) && inside.try_sudo() {
        // sudo takes the session's ends out of the environment.
        let ends = bundle.connection.take();
        bundle = Bundle::read(&inside.run(&script)?);
        bundle.connection = bundle.connection.or(ends);
    }
    if !bundle.whole {
        return Err(
            "what came is not what the script prints: a forced command may have run".into(),
        );
    }
    let identity = outcome
        .subject
        .and_then(|i| outcome.offers.identities.get(i))
        .and_then(|i| i.public.as_ref())
        .ok_or("no key was offered")?;
    let line = line(identity);
    let said = outcome.report.wire.identification().map(<[u8]>::to_vec);
    for _ in 0..ROUNDS {
        let asked = ask(bundle, said.as_deref(), user, &line)?;
        output::progress(&args.common, || {
            format!("{} more questions", asked.wants.len())
        });
        let Some(more) = script::more(user, asked.wants.iter()).filter(|_| !asked.wants.is_empty())
        else {
            return Ok((asked.judgement, asked.server));
        };
        let out = inside.run(&more)?;
        bundle = asked.bundle;
        bundle.add(&out);
    }
    let asked = ask(bundle, said.as_deref(), user, &line)?;
    Ok((asked.judgement, asked.server))
}

/// A question, by its path.
fn named(want: &Want) -> String {
    let (Want::Node(path) | Want::Names(path) | Want::Content(path)) = want;
    shown(path).to_string()
}

fn line(key: &sshwhy_keys::PublicKey) -> String {
    format!(
        "{} {}",
        String::from_utf8_lossy(key.key_type().name()),
        sshwhy_keys::base64::encode(key.blob())
    )
}

struct Asked {
    judgement: Judgement,
    subject: Subject,
    server: ServerInfo,
    wants: std::collections::BTreeSet<Want>,
    bundle: Bundle,
}

/// Judges what is there.
fn ask(bundle: Bundle, said: Option<&[u8]>, user: &[u8], key: &str) -> Result<Asked, String> {
    let build = bundle
        .build(said)
        .ok_or("the server is no OpenSSH, or does not say which")?;
    let ends = ends(&bundle);
    let world = BundleWorld::new(bundle, build, user);
    let config = world
        .daemon()
        .ok()
        .flatten()
        .and_then(|d| d.config)
        .unwrap_or_else(|| b"/etc/ssh/sshd_config".to_vec());
    let server = Server::read(&world, &config);
    // A configuration that was not read whole decides nothing: any line of the rest may.
    let unread = world.unknown();
    let keys::Wanted::Key(candidate) = keys::wanted(key.as_ref(), true).map_err(|f| f.why)? else {
        return Err("a fingerprint is no key".into());
    };
    let plan = Plan::new(&server, &world, user, &ends);
    let judged = plan
        .judge(&server, &world, user, &candidate.offers)
        .into_iter()
        .next()
        .ok_or("there is no attempt to judge")?;
    let mut subject = Subject {
        user: Some(user.to_vec()),
        key: Some(candidate.name.clone()),
        ..Subject::default()
    };
    judged.name_ends(&mut subject);
    let mut judgement = judged.judgement;
    if !unread.is_empty() {
        judgement.verdict = Verdict::Undetermined;
        judgement.gaps = unread;
    }
    // What is missing is the answer: a cause beside it would be a guess.
    if judgement.verdict == Verdict::Undetermined {
        judgement.causes.clear();
    }
    let info = ServerInfo {
        software: world.build().banner.clone(),
        build: world.build().name.clone(),
        config,
        root: None,
    };
    Ok(Asked {
        judgement,
        subject,
        server: info,
        wants: world.wanted(),
        bundle: world.into_bundle(),
    })
}

/// From where and to where, as the session itself was.
fn ends(bundle: &Bundle) -> Ends {
    let Some(text) = bundle.connection.as_deref() else {
        return Ends::default();
    };
    let mut words = text
        .split(|b| *b == b' ')
        .filter_map(|w| std::str::from_utf8(w).ok());
    let from: Option<IpAddr> = words.next().and_then(|w| w.parse().ok());
    let (to, port) = (words.nth(1), words.next());
    Ends {
        from: from.map(|addr| Peer { addr, host: None }),
        to: to
            .and_then(|w| w.parse().ok())
            .zip(port.and_then(|p| p.parse().ok()))
            .map(|(addr, port): (IpAddr, u16)| SocketAddr::new(addr, port)),
    }
}

/// `explain BUNDLE`.
pub(crate) fn explained(
    common: &crate::args::Common,
    text: &[u8],
    hide: bool,
) -> Result<u8, Failure> {
    let fail = |why: String| {
        Failure::new(
            "this bundle cannot be judged",
            why,
            "make it with: sshwhy check USER@HOST -i KEY --collect",
        )
    };
    let mut bundle = Bundle::read(text);
    // At a console the session's ends are not the refused login's.
    bundle.connection = None;
    let user = bundle
        .user
        .clone()
        .ok_or_else(|| fail("it does not say which account it is about".into()))?;
    let key = bundle
        .key
        .clone()
        .ok_or_else(|| fail("it does not say which key was refused".into()))?;
    let key = String::from_utf8_lossy(&key).into_owned();
    let (whole, damaged) = (bundle.whole, bundle.damaged);
    let asked = ask(bundle, None, &user, &key).map_err(fail)?;
    output::progress(common, || {
        format!(
            "not in the bundle: {}",
            asked.wants.iter().map(named).collect::<Vec<_>>().join(", ")
        )
    });
    let mut judgement = asked.judgement;
    if !whole || damaged > 0 {
        judgement.gaps.push(Gap::could_not(
            "part of the bundle",
            if whole {
                format!("{damaged} of its records were changed on their way")
            } else {
                "its end is missing".to_owned()
            },
            "paste it again, from its first line to @end",
        ));
        if judgement.verdict != Verdict::Refuse {
            judgement.verdict = Verdict::Undetermined;
        }
    }
    let mut document = Document {
        command: "explain",
        server: Some(asked.server),
        results: vec![Entry {
            subject: asked.subject,
            judgement,
            observed: false,
            count: 1,
        }],
    };
    let code = document.exit_code();
    if hide {
        redact::redact(&mut document, &redact::Known::default());
    }
    output::document(common, &document, code)
}
