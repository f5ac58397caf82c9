//! `sshwhy what-if`: who gains and who loses access if this change ships.

use crate::audit;
use crate::failure::Failure;
use crate::file;
use crate::fix::args::WhatIf;
use crate::fix::{json as fix_json, runner, text, verdict_word};
use crate::keys::{self, Wanted};
use crate::output;
use serde::Serialize;
use sshwhy_mend::After;
use sshwhy_mend::logins::{Changes, Difference, More, Side, compare};
use sshwhy_mend::whatif::{Assertion, Failed, check, read};
use sshwhy_report::json;
use sshwhy_report::safe::{self, shown};
use sshwhy_verdict::{Server, key_files};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Fact, OfferedKey, World};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Most bytes of a configuration, key file or list of assertions that is named.
const LIMIT: u64 = 16 << 20;
/// Most logins that are named one by one in text.
const MOST: usize = 200;

struct Told {
    changes: Changes,
    failed: Vec<Failed>,
    asserted: usize,
    build: sshwhy_world::Build,
    config: Vec<u8>,
    /// The place of the new configuration on the machine, and the file that it is now.
    renamed: Option<(Vec<u8>, Vec<u8>)>,
    /// sshd would not start with it: place and its words.
    invalid: Option<(Vec<u8>, String)>,
}

impl Told {
    /// A place in the world to come, by the file that somebody can open today.
    fn place(&self, place: &[u8]) -> Vec<u8> {
        if let Some((target, new)) = &self.renamed
            && let Some(rest) = place.strip_prefix(target.as_slice())
            && rest.first().is_none_or(|b| *b == b':')
        {
            return [new.as_slice(), rest].concat();
        }
        place.to_vec()
    }
}

pub(crate) fn run(args: &WhatIf) -> Result<u8, Failure> {
    let mut now = args.as_audit();
    let world = match audit::world(&now) {
        // Where no server is installed, the build named is that of both sides.
        Err(_) if args.build.is_some() => {
            now.build.clone_from(&args.build);
            audit::world(&now)?
        }
        other => other?,
    };
    let config = audit::config_path(&now, &world)?;
    // Where nothing listens every login fails alike, and no difference would be seen: what is
    // asked is what a server would say that has read these files.
    let silent = matches!(world.daemon(), Fact::Known(Some(d)) if !d.listening);
    let world = if silent && args.root.is_none() {
        now.sshd_config = Some(PathBuf::from(OsStr::from_bytes(&config)));
        audit::world(&now)?
    } else {
        world
    };
    let server = Server::read(&world, &config);
    // The build to come is another world of the same machine.
    let mut then = now;
    then.build.clone_from(&args.build);
    let base = audit::world(&then)?;
    let mut after = After::new(&base);
    let mut renamed = None;
    if let Some(path) = &args.sshd_config {
        let target = real(&base, &config);
        after.put(&target, &bytes(path)?);
        renamed = Some((config.clone(), path.as_os_str().as_bytes().to_vec()));
        after.reload();
    }
    if let Some(path) = &args.authorized_keys {
        let text = bytes(path)?;
        for user in &args.user {
            let target = first_key_file(&server, &base, user)?;
            after.put(&target, &text);
        }
    }
    let revoked = revoked(args, &server, &world)?;
    let new = Server::read(&after, &config);
    let more = More {
        only_users: args.user.iter().map(|u| u.as_bytes().to_vec()).collect(),
        peers: if args.root.is_some() {
            Vec::new()
        } else {
            runner().peer.into_iter().collect()
        },
        revoked,
        ..More::default()
    };
    let before = Side {
        world: &world,
        server: &server,
    };
    let behind = Side {
        world: &after,
        server: &new,
    };
    let assertions = expectations(args)?;
    let told = Told {
        changes: compare(before, behind, &more),
        failed: check(behind, &assertions, &key_of, &more.revoked),
        asserted: assertions.len(),
        build: after.build().clone(),
        config,
        renamed,
        invalid: new.config.fatal().map(|problem| {
            let line = problem.place.line.to_string();
            let place = [&problem.place.file[..], b":", line.as_bytes()].concat();
            let said = problem.sshd_message.clone();
            (place, said.unwrap_or_else(|| "sshd exits".to_owned()))
        }),
    };
    let code = u8::from(!told.failed.is_empty() || told.invalid.is_some());
    output::print(&args.common, code, |out| match args.common.format {
        crate::args::Format::Json => render_json(&told, out),
        crate::args::Format::Text => render_text(&told, out),
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    file::read(path, LIMIT).map_err(|e| {
        let why = match e {
            file::ReadError::Missing => "No such file or directory".to_owned(),
            file::ReadError::Other(why) => why,
        };
        Failure::new(
            format!("cannot read {}", path.display()),
            why,
            "check the path",
        )
    })
}

fn real(world: &dyn World, path: &[u8]) -> Vec<u8> {
    match resolve(world, path, None) {
        Ok(Ok(found)) => found.real,
        _ => path.to_vec(),
    }
}

/// The file that sshd reads first for an account.
fn first_key_file(server: &Server, world: &dyn World, user: &OsStr) -> Result<Vec<u8>, Failure> {
    let failed = |why: &str| {
        Failure::new(
            format!("no key file of {} is known", user.display()),
            why,
            "name an account with --user whose AuthorizedKeysFile names a file",
        )
    };
    let Fact::Known(Some(account)) = world.account(user.as_bytes()) else {
        return Err(failed("there is no such account"));
    };
    let files = key_files(server, &account);
    let first = files.first().ok_or_else(|| failed("sshd reads none"))?;
    Ok(real(world, first))
}

fn revoked(args: &WhatIf, server: &Server, world: &dyn World) -> Result<Vec<Vec<u8>>, Failure> {
    let mut out = Vec::new();
    for name in &args.revoke {
        match keys::wanted(name, false)? {
            Wanted::Key(candidate) => {
                out.extend(candidate.offers.last().map(|k| k.blob.clone()));
            }
            Wanted::Fingerprint(fingerprint) => {
                let accounts = world.accounts().ok().unwrap_or_default();
                let hit = accounts.iter().find_map(|a| {
                    sshwhy_verdict::listed_keys(server, world, &a.name)
                        .into_iter()
                        .find(|k| keys::has_fingerprint(&k.key, &fingerprint))
                });
                match hit {
                    Some(key) => out.push(key.key.blob),
                    None => {
                        return Err(Failure::new(
                            format!("the key {fingerprint} is not known"),
                            "no key file of any account lists it",
                            "name the public key file",
                        ));
                    }
                }
            }
        }
    }
    Ok(out)
}

fn key_of(name: &[u8]) -> Option<OfferedKey> {
    match keys::wanted(OsStr::from_bytes(name), false).ok()? {
        Wanted::Key(candidate) => candidate.offers.last().cloned(),
        Wanted::Fingerprint(_) => None,
    }
}

fn expectations(args: &WhatIf) -> Result<Vec<Assertion>, Failure> {
    let Some(path) = &args.expect else {
        return Ok(Vec::new());
    };
    let (good, bad) = read(&bytes(path)?);
    let Some(first) = bad.first() else {
        return Ok(good);
    };
    Err(Failure::new(
        format!("line {} of {} is no assertion", first.line, path.display()),
        format!(
            "expected {}, found {:?}",
            first.expected,
            shown(&first.found)
        ),
        "write it as: alice from 10.0.0.0/8 with KEY: accept",
    ))
}

fn render_text(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    const BOLD: &str = "\x1b[1m";
    const RED: &str = "\x1b[1m\x1b[31m";
    const GREEN: &str = "\x1b[1m\x1b[32m";
    const END: &str = "\x1b[0m";
    let changes = &told.changes;
    let methods = changes.methods();
    if let Some((place, said)) = &told.invalid {
        writeln!(
            out,
            "{RED}refused{END}: {BOLD}sshd would not start with this configuration{END}\n  --> {}\n   \
             = log: {}\n   = note: a running sshd keeps its old settings until it is told to reload, \
             and ends then: {} logins would be lost\n   = help: correct the line, and check the \
             whole: /usr/sbin/sshd -t -f FILE\n   = more: sshwhy explain sshd-config-invalid",
            shown(&told.place(place)),
            shown(said.as_bytes()),
            changes.lost.len()
        )?;
        return Ok(());
    }
    // What is lost is decided by the world to come, what is gained by the one of today.
    let mut say =
        |word: &str, colour: &str, list: &[Difference], to_come: bool| -> io::Result<()> {
            for d in list.iter().take(MOST) {
                writeln!(out, "{colour}{word}{END}: {BOLD}{}{END}", text::login(d))?;
                if let Some(place) = d.decided_by() {
                    let place = if to_come { told.place(&place) } else { place };
                    writeln!(out, "  --> {}", shown(&place))?;
                }
                if let Some(finding) = &d.because {
                    writeln!(out, "   = cause: {}", finding.cause.id)?;
                }
                if d.before != sshwhy_verdict::Verdict::Refuse
                    && d.after != sshwhy_verdict::Verdict::Accept
                    && !d.other_way
                {
                    writeln!(out, "   = note: no other way into this account from there")?;
                }
            }
            if list.len() > MOST {
                writeln!(
                    out,
                    "   and {} more; --format json names all",
                    list.len() - MOST
                )?;
            }
            Ok(())
        };
    say("loses", RED, &changes.lost, true)?;
    say("gains", GREEN, &changes.gained, false)?;
    for (lost, gained) in methods.iter().take(MOST) {
        writeln!(
            out,
            "{BOLD}changes method{END}: {} from {}: {} becomes {}",
            shown(&lost.user),
            text::place(lost),
            lost.means.method(),
            gained.means.method()
        )?;
    }
    for f in &told.failed {
        let at = match f.peer {
            Some(addr) => format!("from {addr}: {}", verdict_word(f.verdict)),
            None => "there is no such login".to_owned(),
        };
        writeln!(
            out,
            "{RED}does not hold{END}: {BOLD}line {}: {}{END}\n   = found: {at}",
            f.assertion.line,
            shown(&f.assertion.text)
        )?;
        if let Some(place) = &f.decided_by {
            writeln!(out, "  --> {}", shown(&told.place(place)))?;
        }
        if let Some(cause) = f.cause {
            writeln!(out, "   = cause: {cause}")?;
        }
    }
    writeln!(
        out,
        "{} accounts, {} logins: {} lost, {} gained, {} by another method",
        changes.accounts,
        changes.logins,
        changes.lost.len(),
        changes.gained.len(),
        methods.len()
    )?;
    if told.asserted > 0 {
        writeln!(
            out,
            "{} of {} assertions hold",
            told.asserted - told.failed.len(),
            told.asserted
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    server: fix_json::Server,
    results: [(); 0],
    /// sshd would not start with the new configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid: Option<InvalidDoc>,
    differences: Differences,
    #[serde(skip_serializing_if = "Option::is_none")]
    expectations: Option<Expectations>,
}

#[derive(Serialize)]
struct InvalidDoc {
    place: String,
    sshd_log: String,
}

#[derive(Serialize)]
struct Differences {
    accounts: usize,
    logins: usize,
    lost: Vec<fix_json::LoginDoc>,
    gained: Vec<fix_json::LoginDoc>,
    methods: Vec<MethodDoc>,
}

#[derive(Serialize)]
struct MethodDoc {
    user: String,
    from: String,
    before: &'static str,
    after: &'static str,
}

#[derive(Serialize)]
struct Expectations {
    asserted: usize,
    failed: Vec<FailedDoc>,
}

#[derive(Serialize)]
struct FailedDoc {
    line: u32,
    assertion: String,
    from: Option<String>,
    verdict: &'static str,
    cause: Option<&'static str>,
    decided_by: Option<String>,
}

fn render_json(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let changes = &told.changes;
    let doc = Doc {
        schema: "sshwhy/1",
        command: "what-if",
        server: fix_json::Server {
            software: told.build.banner.clone(),
            build: told.build.name.clone(),
            config: safe::json(&told.config),
        },
        results: [],
        invalid: told.invalid.as_ref().map(|(place, said)| InvalidDoc {
            place: safe::json(&told.place(place)),
            sshd_log: said.clone(),
        }),
        differences: Differences {
            accounts: changes.accounts,
            logins: changes.logins,
            lost: changes
                .lost
                .iter()
                .map(|d| {
                    let mut doc = fix_json::login(d);
                    doc.decided_by = d.decided_by().map(|p| safe::json(&told.place(&p)));
                    doc
                })
                .collect(),
            gained: changes.gained.iter().map(fix_json::login).collect(),
            methods: changes
                .methods()
                .iter()
                .map(|(lost, gained)| MethodDoc {
                    user: safe::json(&lost.user),
                    from: lost.peer.addr.to_string(),
                    before: lost.means.method(),
                    after: gained.means.method(),
                })
                .collect(),
        },
        expectations: (told.asserted > 0).then(|| Expectations {
            asserted: told.asserted,
            failed: told
                .failed
                .iter()
                .map(|f| FailedDoc {
                    line: f.assertion.line,
                    assertion: safe::json(&f.assertion.text),
                    from: f.peer.map(|p| p.to_string()),
                    verdict: verdict_word(f.verdict),
                    cause: f.cause,
                    decided_by: f.decided_by.as_ref().map(|p| safe::json(&told.place(p))),
                })
                .collect(),
        }),
    };
    json::write(&doc, out)
}
