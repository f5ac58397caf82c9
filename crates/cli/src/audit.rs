//! `sshwhy audit`

use crate::args::Audit;
use crate::attempts::{Ends, Plan};
use crate::failure::Failure;
use crate::keys::{self, Candidate, Wanted};
use crate::output;
use sshwhy_causes::Stage;
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_report::{Document, Entry, ServerInfo, Subject, SubjectKey, fold, redact};
use sshwhy_verdict::{Judgement, Server, Verdict, listed_keys};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Account, Build, Fact, Gap, Peer, Reader, Software, World, read_all};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The configuration that sshd reads where nothing else is said.
const CONFIG: &[u8] = b"/etc/ssh/sshd_config";

/// The first uid of people on most systems (UID_MIN of login.defs(5)).
const FIRST_PERSON: u32 = 1000;
/// nobody
const NOBODY: [u32; 2] = [65_534, 65_535];

pub(crate) fn run(args: &Audit) -> Result<u8, Failure> {
    let wanted: Vec<Wanted> = args
        .key
        .iter()
        .map(|k| keys::wanted(k, args.exact))
        .collect::<Result<_, _>>()?;
    let world = world(args)?;
    let config = config_path(args, &world)?;
    output::progress(&args.common, || {
        format!("reading {}", String::from_utf8_lossy(&config))
    });
    let server = Server::read(&world, &config);
    let ends = Ends {
        from: args.from.as_ref().map(|f| Peer {
            addr: f.addr,
            host: f.host.as_ref().map(|h| h.as_bytes().to_vec()),
        }),
        to: args.to,
    };
    let mut entries = Vec::new();
    match users(args, &server, &world) {
        Ok(users) => {
            for user in users {
                output::progress(&args.common, || {
                    format!("judging {}", String::from_utf8_lossy(&user))
                });
                audit_user(&server, &world, &user, &wanted, &ends, &mut entries);
            }
        }
        Err(gap) => entries.push(unknown(None, None, gap)),
    }
    if entries.is_empty() {
        let why = "the account list holds nobody with a uid of 1000 or more, nor a key file";
        let help = "name the account with --user";
        return Err(Failure::new("no account to judge", why, help));
    }
    let build = world.build();
    let mut doc = Document {
        command: "audit",
        server: Some(ServerInfo {
            software: build.banner.clone(),
            build: build.name.clone(),
            config: if build.software == Software::Dropbear {
                Vec::new()
            } else {
                config
            },
            root: args
                .root
                .as_ref()
                .map(|r| r.as_os_str().as_bytes().to_vec()),
        }),
        results: fold(entries, args.all),
    };
    let code = doc.exit_code();
    if args.redact {
        redact::redact(&mut doc, &known_names(&world));
    }
    output::document(&args.common, &doc, code)
}

pub(crate) fn world(args: &Audit) -> Result<LiveWorld, Failure> {
    let build = match &args.build {
        None => None,
        Some(name) => Some(Build::profile(name).ok_or_else(|| {
            Failure::new(
                format!("no build profile is called {name}"),
                format!("known are: {}", Build::profiles().join(", ")),
                "name one of these, or a version: openssh-9.2, dropbear-2022.83",
            )
        })?),
    };
    let options = Options {
        root: args.root.clone(),
        build,
        sshd_config: args
            .sshd_config
            .as_ref()
            .map(|p| p.clone().into_os_string().into_vec()),
        run_commands: args.run_commands,
        logs: args.logs,
        ..Options::default()
    };
    LiveWorld::new(options).map_err(|e| {
        Failure::new(
            "cannot look at the server",
            e.to_string(),
            "run this on the server, or name its disk with --root and its build with --build",
        )
    })
}

/// The configuration to judge by: the one named, the running daemon's, or the usual one.
pub(crate) fn config_path(args: &Audit, world: &LiveWorld) -> Result<Vec<u8>, Failure> {
    let Some(path) = &args.sshd_config else {
        let running = world.daemon().ok().flatten().and_then(|d| d.config);
        return Ok(running.unwrap_or_else(|| CONFIG.to_vec()));
    };
    let failed = |why: &str| {
        Failure::new(
            format!("cannot read the configuration {}", path.display()),
            why,
            "check the path; with --root it is a path inside that directory",
        )
    };
    let absolute = match args.root {
        // Inside the other system, every path starts at its root.
        Some(_) => [b"/", path.as_os_str().as_bytes()].concat(),
        None => match std::path::absolute(path) {
            Ok(p) => p.into_os_string().into_vec(),
            Err(e) => return Err(failed(&e.to_string())),
        },
    };
    let absolute = clean(&absolute);
    match resolve(world, &absolute, None) {
        Ok(Ok(found)) if found.node.is_file() => Ok(absolute),
        Ok(Ok(_)) => Err(failed("expected a regular file")),
        Ok(Err(stop)) => Err(failed(stop.errno.text())),
        Err(gap) => Err(failed(&gap.why)),
    }
}

/// A path without `.`, `..` and doubled slashes.
fn clean(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    [b"/", parts.join(&b'/').as_slice()].concat()
}

/// The accounts to judge.
pub(crate) fn users(args: &Audit, server: &Server, world: &dyn World) -> Result<Vec<Vec<u8>>, Gap> {
    if !args.user.is_empty() {
        let mut out: Vec<Vec<u8>> = Vec::new();
        for user in &args.user {
            let name = user.as_bytes().to_vec();
            if !out.contains(&name) {
                out.push(name);
            }
        }
        return Ok(out);
    }
    let accounts = world.accounts().known()?;
    // Whoever is no person counts only with a key to log in with.
    let could = |a: &Account| {
        is_person(a) || a.uid == 0 || {
            let keys = listed_keys(server, world, &a.name);
            !keys.is_empty()
        }
    };
    let mut out: Vec<Vec<u8>> = Vec::new();
    for account in accounts.iter().filter(|a| could(a)) {
        if !out.contains(&account.name) {
            out.push(account.name.clone());
        }
    }
    Ok(out)
}

fn is_person(account: &Account) -> bool {
    account.uid >= FIRST_PERSON && !NOBODY.contains(&account.uid)
}

fn audit_user(
    server: &Server,
    world: &dyn World,
    user: &[u8],
    wanted: &[Wanted],
    ends: &Ends,
    out: &mut Vec<Entry>,
) {
    let plan = Plan::new(server, world, user, ends);
    let needs_list =
        wanted.is_empty() || wanted.iter().any(|w| matches!(w, Wanted::Fingerprint(_)));
    let listed = if needs_list {
        listed_keys(server, world, user)
    } else {
        Vec::new()
    };
    let mut judge = |candidate: &Candidate| {
        for judged in plan.judge(server, world, user, &candidate.offers) {
            let mut subject = Subject {
                user: Some(user.to_vec()),
                key: Some(candidate.name.clone()),
                ..Subject::default()
            };
            judged.name_ends(&mut subject);
            out.push(Entry {
                subject,
                judgement: judged.judgement,
                observed: false,
                count: 1,
            });
        }
    };
    let mut not_found = Vec::new();
    for one in wanted {
        match one {
            Wanted::Key(candidate) => judge(candidate),
            Wanted::Fingerprint(fingerprint) => {
                match listed
                    .iter()
                    .find(|k| keys::has_fingerprint(&k.key, fingerprint))
                {
                    Some(key) => judge(&keys::listed(key.clone())),
                    None => not_found.push(fingerprint),
                }
            }
        }
    }
    if wanted.is_empty() {
        for key in &listed {
            judge(&keys::listed(key.clone()));
        }
    }
    for fingerprint in not_found {
        without_blob(server, world, user, &plan, Some(fingerprint), out);
    }
    if wanted.is_empty() && listed.is_empty() {
        without_blob(server, world, user, &plan, None, out);
    }
}

/// No key is there to judge. All that is known of one, its fingerprint, decides nothing where the
/// account itself is let in.
fn without_blob(
    server: &Server,
    world: &dyn World,
    user: &[u8],
    plan: &Plan,
    fingerprint: Option<&String>,
    out: &mut Vec<Entry>,
) {
    let key = fingerprint.map(|f| keys::only_fingerprint(f));
    for judged in plan.judge(server, world, user, &[]) {
        let mut judgement = judged.judgement.clone();
        // What refuses before any key is looked for refuses this one too.
        let before = judgement
            .first()
            .is_some_and(|f| f.cause.stage <= Stage::Method);
        if !(judgement.verdict == Verdict::Refuse && before)
            && let Some(fingerprint) = fingerprint
        {
            let gap = Gap::could_not(
                format!("the key {fingerprint}"),
                "no line of the account's key files holds it, and a fingerprint is not the key",
                "name the public key file with --key",
            );
            judgement.verdict = Verdict::Undetermined;
            judgement.causes.clear();
            judgement.after_login.clear();
            judgement.gaps = vec![gap];
        }
        let mut subject = Subject {
            user: Some(user.to_vec()),
            key: key.clone(),
            ..Subject::default()
        };
        judged.name_ends(&mut subject);
        out.push(Entry {
            subject,
            judgement,
            observed: false,
            count: 1,
        });
    }
}

/// A result that hangs on a missing fact alone.
fn unknown(user: Option<Vec<u8>>, key: Option<SubjectKey>, gap: Gap) -> Entry {
    Entry {
        subject: Subject {
            user,
            key,
            ..Subject::default()
        },
        judgement: Judgement {
            verdict: Verdict::Undetermined,
            causes: Vec::new(),
            after_login: Vec::new(),
            notes: Vec::new(),
            trace: Vec::new(),
            gaps: vec![gap],
        },
        observed: false,
        count: 1,
    }
}

/// The names that `--redact` has to know beforehand.
fn known_names(world: &dyn World) -> redact::Known {
    let accounts = world.accounts().ok().unwrap_or_default();
    let mut hosts = Vec::new();
    let name = read_all(world, b"/etc/hostname", Reader::Root, 1 << 10);
    if let Fact::Known(Ok((name, _))) = name {
        let name = name.trim_ascii().to_vec();
        if let Some(short) = name
            .split(|b| *b == b'.')
            .next()
            .filter(|s| s.len() < name.len())
        {
            hosts.push(short.to_vec());
        }
        hosts.push(name);
    }
    redact::Known {
        accounts: accounts
            .into_iter()
            .filter(is_person)
            .map(|a| (a.name, a.home))
            .collect(),
        hosts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_dots() {
        assert_eq!(clean(b"//etc/./ssh/../ssh//x"), b"/etc/ssh/x");
        assert_eq!(clean(b"/../.."), b"/");
    }
}
