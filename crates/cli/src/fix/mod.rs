//! `sshwhy fix`: the plan, the guard, and the way to consent.

pub mod args;
mod consent;
pub(crate) mod json;
mod proof;
pub(crate) mod text;

use crate::args::Format;
use crate::attempts::Ends;
use crate::audit;
use crate::failure::Failure;
use crate::keys::{self, Candidate, Wanted};
use crate::output;
use args::{Fix, Form};
use sshwhy_causes::template;
use sshwhy_collect::LiveWorld;
use sshwhy_mend::guard::{Answer, Asked, Runner, guard};
use sshwhy_mend::logins::{More, Side, compare};
use sshwhy_mend::{After, Ask, Plan, plan, render};
use sshwhy_report::safe::shown;
use sshwhy_verdict::{Server, Verdict, address_classes, judge, listed_keys, local_ends};
use sshwhy_world::{Attempt, Build, Fact, Local, Peer, World};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A plan with all that is said about it.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) answer: Answer,
    /// What the plan is for: `alice with SHA256:… from 203.0.113.5`.
    pub(crate) subjects: Vec<Vec<u8>>,
    /// The sentence of each cause, by id.
    pub(crate) titles: BTreeMap<&'static str, Vec<u8>>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) build: Build,
    pub(crate) config: Vec<u8>,
    /// Logins judged before and after.
    pub(crate) logins: usize,
    /// Nothing listens: the plan is for the sshd that will be started.
    pub(crate) silent: bool,
}

impl Planned {
    /// The plan would do what was asked, and the guard lets it through.
    pub(crate) fn would_do(&self) -> bool {
        self.plan.accepts && self.answer.allows()
    }

    /// Nothing is to be done at all.
    pub(crate) fn nothing_to_do(&self) -> bool {
        self.plan.accepts && self.plan.is_empty() && self.plan.reload.is_none()
    }
}

pub(crate) fn run(args: &Fix) -> Result<u8, Failure> {
    let (world, silent) = world(args)?;
    let mut planned = planned(args, &world)?;
    planned.silent = silent;
    if silent && args.confirm.is_some() {
        return Err(Failure::new(
            "no login can confirm the change",
            "no sshd listens on this machine",
            "start sshd first, or leave --confirm out",
        ));
    }
    if let Some(form) = args.print {
        return print(args, form, &planned);
    }
    let code = u8::from(!planned.would_do());
    let as_json = args.common.format == Format::Json;
    let shown = output::print(&args.common, code, |out| match args.common.format {
        Format::Json => json::render(&planned, out),
        Format::Text => text::render(&planned, &world, out),
    })?;
    if args.dry_run || as_json || !planned.would_do() || planned.nothing_to_do() {
        return Ok(shown);
    }
    consent::carry_out(args, &planned, &world)
}

/// The machine; where no sshd listens, as the one will find it that is started. `true`: so it is.
pub(crate) fn world(args: &Fix) -> Result<(LiveWorld, bool), Failure> {
    let mut audit_args = args.as_audit();
    let world = audit::world(&audit_args)?;
    let silent = matches!(world.daemon(), Fact::Known(Some(d)) if !d.listening);
    if !silent || args.root.is_some() || args.sshd_config.is_some() {
        return Ok((world, false));
    }
    let config = audit::config_path(&audit_args, &world)?;
    audit_args.sshd_config = Some(PathBuf::from(OsStr::from_bytes(&config)));
    Ok((audit::world(&audit_args)?, true))
}

fn planned(args: &Fix, world: &LiveWorld) -> Result<Planned, Failure> {
    let audit_args = args.as_audit();
    let config = audit::config_path(&audit_args, world)?;
    let server = Server::read(world, &config);
    let wanted: Vec<Wanted> = args
        .key
        .iter()
        .map(|k| keys::wanted(k, args.exact))
        .collect::<Result<_, _>>()?;
    let users = audit::users(&audit_args, &server, world)
        .map_err(|gap| Failure::new(format!("{} is not known", gap.what), gap.why, gap.get))?;
    let ends = Ends {
        from: args.from.as_ref().map(|f| Peer {
            addr: f.addr,
            host: f.host.as_ref().map(|h| h.as_bytes().to_vec()),
        }),
        to: args.to,
    };
    let ask = |attempts: &[Attempt]| {
        plan(&Ask {
            world,
            config: &config,
            attempts,
            key_named: !wanted.is_empty(),
            allow_weakening: args.allow_weakening,
        })
    };
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut titles = BTreeMap::new();
    for user in &users {
        for candidate in candidates(&server, world, user, &wanted)? {
            let group = logins(&server, world, user, &candidate, &ends);
            for attempt in &group {
                for finding in judge(&server, world, attempt).causes {
                    if let Some(title) = template::sentence(finding.cause.title, &finding.args) {
                        titles.entry(finding.cause.id).or_insert(title);
                    }
                }
            }
            attempts.extend(meant(group, &ask));
        }
    }
    if attempts.is_empty() {
        return Err(Failure::new(
            "no login to mend for",
            "no account was named that has a key, and no key was named",
            "name both: --user NAME --key NAME.pub",
        ));
    }
    let plan = ask(&attempts);
    let (answer, logins) = guarded(args, world, &server, &config, &plan, &attempts);
    Ok(Planned {
        subjects: subjects(&attempts),
        plan,
        answer,
        titles,
        attempts,
        build: world.build().clone(),
        config,
        logins,
        silent: false,
    })
}

/// The keys to mend for.
fn candidates(
    server: &Server,
    world: &dyn World,
    user: &[u8],
    wanted: &[Wanted],
) -> Result<Vec<Candidate>, Failure> {
    let listed = listed_keys(server, world, user);
    if wanted.is_empty() {
        return Ok(listed.into_iter().map(keys::listed).collect());
    }
    let mut out = Vec::new();
    for one in wanted {
        match one {
            Wanted::Key(candidate) => out.push((**candidate).clone()),
            Wanted::Fingerprint(fingerprint) => {
                let mut hits = listed.iter();
                match hits.find(|k| keys::has_fingerprint(&k.key, fingerprint)) {
                    Some(key) => out.push(keys::listed(key.clone())),
                    None => {
                        return Err(Failure::new(
                            format!("the key {fingerprint} is not known"),
                            "no line of the account's key files holds it, and a fingerprint is \
                             not the key",
                            "name the public key file with --key",
                        ));
                    }
                }
            }
        }
    }
    Ok(out)
}

/// The logins of one key: from each class of addresses, to the first end of the server. Of a
/// certificate file, the plain key is mended for; with --exact the certificate.
fn logins(
    server: &Server,
    world: &dyn World,
    user: &[u8],
    candidate: &Candidate,
    ends: &Ends,
) -> Vec<Attempt> {
    let peers: Vec<Peer> = match &ends.from {
        Some(peer) => vec![peer.clone()],
        None => address_classes(server, world, user)
            .into_iter()
            .map(|c| c.peer)
            .collect(),
    };
    let to = match ends.to {
        Some(to) => Local {
            addr: to.ip(),
            port: to.port(),
        },
        None => match local_ends(server).first() {
            Some(end) => *end,
            None => return Vec::new(),
        },
    };
    let key = candidate.offers.last();
    peers
        .into_iter()
        .map(|from| Attempt {
            user: user.to_vec(),
            key: key.cloned(),
            from,
            to,
        })
        .collect()
}

/// Of the logins of one key those that are meant: where some classes of addresses are let in, or
/// can be, the others are shut out by somebody's decision.
fn meant(group: Vec<Attempt>, ask: &dyn Fn(&[Attempt]) -> Plan) -> Vec<Attempt> {
    let open: Vec<Attempt> = group
        .iter()
        .filter(|a| ask(std::slice::from_ref(a)).accepts)
        .cloned()
        .collect();
    if open.is_empty() {
        group.into_iter().take(1).collect()
    } else {
        open
    }
}

/// Judges all logins before and after the plan.
fn guarded(
    args: &Fix,
    world: &LiveWorld,
    server: &Server,
    config: &[u8],
    plan: &Plan,
    attempts: &[Attempt],
) -> (Answer, usize) {
    if plan.is_empty() {
        return (Answer::default(), 0);
    }
    let mut after = After::of(world, &plan.changes);
    after.reload();
    let new = Server::read(&after, config);
    let runner = if args.root.is_some() {
        Runner::default()
    } else {
        runner()
    };
    let more = More {
        users: attempts.iter().map(|a| a.user.clone()).collect(),
        keys: attempts
            .iter()
            .filter_map(|a| Some((a.user.clone(), a.key.clone()?)))
            .collect(),
        peers: runner
            .peer
            .iter()
            .cloned()
            .chain(attempts.iter().map(|a| a.from.clone()))
            .fold(Vec::new(), |mut all: Vec<Peer>, peer| {
                if !all.contains(&peer) {
                    all.push(peer);
                }
                all
            }),
        ..More::default()
    };
    let before = Side { world, server };
    let behind = Side {
        world: &after,
        server: &new,
    };
    let changes = compare(before, behind, &more);
    // A repair of files lets the key in from wherever its line allows; a change of the
    // configuration has to be asked for address by address.
    let asked = Asked {
        logins: attempts,
        from_anywhere: args.from.is_none() || plan.reload.is_none(),
    };
    (
        guard(&changes, asked, &runner, args.allow_weakening),
        changes.logins,
    )
}

/// Who runs this, from where: what sudo and sshd left in the environment.
pub(crate) fn runner() -> Runner {
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    let user = ["SUDO_USER", "LOGNAME", "USER"]
        .into_iter()
        .find_map(variable)
        .map(OsStringExt::into_vec);
    let peer = variable("SSH_CONNECTION").and_then(|v| {
        let addr: IpAddr = v.to_str()?.split(' ').next()?.parse().ok()?;
        Some(Peer { addr, host: None })
    });
    Runner {
        // Without a connection, whoever runs this sits at the console.
        user: peer.is_some().then_some(user).flatten(),
        peer,
    }
}

/// `alice with SHA256:… from 203.0.113.5`, each once.
pub(crate) fn subjects(attempts: &[Attempt]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    for attempt in attempts {
        let mut text = attempt.user.clone();
        if let Some(key) = &attempt.key {
            text.extend_from_slice(b" with ");
            let fingerprint = match &key.key {
                Ok(k) => k.fingerprint(),
                Err(_) => sshwhy_keys::fingerprint::sha256(&key.blob),
            };
            text.extend_from_slice(fingerprint.as_bytes());
        }
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

/// Prints the plan in another form.
fn print(args: &Fix, form: Form, planned: &Planned) -> Result<u8, Failure> {
    if !planned.would_do() {
        let why = if planned.plan.accepts {
            "the guard refuses it"
        } else {
            "the login would stay refused"
        };
        // On standard error: a script that is piped into a shell is then empty, and does nothing.
        eprintln!(
            "there is no plan to print: {why}\n   = help: look at the plan itself: the same \
             command without --print"
        );
        return Ok(1);
    }
    let root = args.root.as_ref().map(|r| r.as_os_str().as_bytes());
    let text = match form {
        Form::Script => sshwhy_mend::script(&planned.plan, root),
        Form::Rescue => sshwhy_mend::rescue(&planned.plan, root),
        Form::Ansible => sshwhy_mend::ansible(&planned.plan),
    };
    let text = text.map_err(|render::CannotSay { path, why }| {
        Failure::new(
            format!("this form cannot say the change of {}", shown(&path)),
            why,
            "take another form, or let `sshwhy fix` make the changes",
        )
    })?;
    output::print(&args.common, 0, |out| out.write_all(&text))
}

/// The word for an answer of the engine.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    verdict.word()
}
