//! `sshwhy serve`

pub(crate) mod args;
mod console;
mod notify;

use crate::failure::Failure;
use crate::output;
use args::{Serve, ServeNetwork, ServeSession};
use console::Console;
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_report::safe::shown;
use sshwhy_server::{
    Config, Folder, HostKey, Limits, Login, Mode, Nobody, Source, become_session, network, preview,
    serve, serve_apart,
};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Build, Fact, World};
use std::ffi::OsString;
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The sshd that a folder of keys is decided as: a current one.
const CURRENT: &str = "openssh-10.0";
/// What folder of keys serves.
const OWN_FOLDER: &str =
    "name a folder of your own that nobody else may write to, nor what lies above it";
/// How long connections may go on once the server was told to end.
const PATIENCE: Duration = Duration::from_secs(3);

/// Becomes the program of a session.
pub(crate) fn session(args: &ServeSession) -> ExitCode {
    let error = become_session(&args.program);
    let first = args.program.first().is_some_and(|p| p == "--first");
    let program = args.program.get(if first { 2 } else { 0 });
    let program = program.map(|p| p.as_bytes()).unwrap_or(b"");
    // Whoever logged in reads this in the session.
    eprintln!("cannot start {}: {error}", shown(program));
    ExitCode::from(126)
}

/// Becomes the process that speaks to the network.
pub(crate) fn network_side(args: &ServeNetwork) -> ExitCode {
    let nobody = Nobody {
        uid: args.uid,
        gid: args.gid,
    };
    match network(nobody, PATIENCE) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            // The parent's standard error: an operator reads it.
            eprintln!("the process that speaks to the network: {e}");
            ExitCode::from(2)
        }
    }
}

pub(crate) fn run(args: &Serve) -> Result<u8, Failure> {
    let me = rustix::process::geteuid();
    if args.session && me.is_root() {
        return Err(Failure::new(
            "no sessions as root",
            "the process that speaks to the network would be root's",
            "run it as an ordinary user, or with --explain-only, where nobody is let in",
        ));
    }
    let host_key = host_key(args)?;
    let config = config(args, &host_key)?;
    let warning = can_decide(args, &config)?;
    let (listener, place) = listener(args)?;
    let cannot = |e: io::Error| {
        Failure::new(
            format!("cannot serve on {}", args.listen),
            e.to_string(),
            "choose another address with --listen",
        )
    };
    let (signals, to) = UnixStream::pair().map_err(cannot)?;
    let (reloads, reload_to) = UnixStream::pair().map_err(cannot)?;
    for signal in [SIGTERM, SIGINT] {
        pipe::register(signal, to.try_clone().map_err(cannot)?).map_err(cannot)?;
    }
    pipe::register(SIGHUP, reload_to).map_err(cannot)?;
    let console = Arc::new(Console::new(&args.common));
    let running = if me.is_root() {
        let program = network_program(args)?;
        serve_apart(config, listener, console.clone(), program).map_err(cannot)?
    } else {
        serve(config, listener, console.clone()).map_err(cannot)?
    };
    console.ready(running.address(), &host_key, args);
    if let Some(warning) = warning {
        console.trouble(&warning);
    }
    notify::say(&format!("READY=1\nSTATUS=serving on {place}"));
    let ends = [signals.as_fd(), reloads.as_fd()];
    loop {
        let mut waits = ends.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
        match poll(&mut waits, None) {
            Err(e) if e == rustix::io::Errno::INTR => continue,
            other => other.map_err(|e| cannot(e.into()))?,
        };
        let [ended, reload] = waits.map(|w| !w.revents().is_empty());
        if ended {
            break;
        }
        if reload {
            (&reloads).read(&mut [0u8; 16]).map_err(cannot)?;
            notify::say("RELOADING=1");
            match self::config(args, &host_key) {
                Ok(config) => running.reload(config),
                Err(failure) => console.trouble(&failure),
            }
            notify::say("READY=1");
        }
    }
    notify::say("STOPPING=1");
    running.stop(PATIENCE);
    Ok(0)
}

/// Looks once before anybody asks: an error where nothing can be decided, a warning where nobody
/// can be let in.
fn can_decide(args: &Serve, config: &Config) -> Result<Option<Failure>, Failure> {
    let account = account()?;
    let cannot = |why: String, help: &str| Failure::new("cannot decide about any key", why, help);
    let seen = preview(&config.source, &account.name)
        .map_err(|why| cannot(why, "see to it that the files can be read"))?;
    let invalid = seen.first().filter(|f| f.cause.id == "sshd-config-invalid");
    if let Some(finding) = invalid {
        let of = |e: &sshwhy_causes::Evidence| {
            let at = e.path.as_deref().map(shown).unwrap_or_default();
            let line = e.line.map_or(String::new(), |n| format!(":{n}"));
            let what = e.detail.as_deref().or(e.text.as_deref());
            format!("{at}{line}: {}", what.map(shown).unwrap_or_default())
        };
        let why = finding
            .evidence
            .first()
            .map_or_else(|| finding.cause.title.to_owned(), of);
        let help = "correct the line: sshd would not start with it";
        return Err(cannot(why, help));
    }
    if !args.session {
        return Ok(None);
    }
    // What was left out on purpose is looked at when somebody comes.
    if let Some(gap) = seen.gaps.iter().find(|g| g.tried) {
        return Ok(Some(Failure::new(
            "nobody can be let in",
            format!("missing: {}: {}", gap.what, gap.why),
            "an ordinary user's server decides by --keys DIR; --like-sshd lets in only where all that \
             decides may be read",
        )));
    }
    Ok(None)
}

fn host_key(args: &Serve) -> Result<HostKey, Failure> {
    let (made, what) = match &args.host_key {
        Some(path) => (
            HostKey::load_or_create(path),
            format!("the host key {}", path.display()),
        ),
        None => (HostKey::generate(), "a host key".to_owned()),
    };
    made.map_err(|e| {
        Failure::new(
            format!("cannot use {what}"),
            e.to_string(),
            "name a private key without a passphrase, or a file that is not there yet",
        )
    })
}

fn listener(args: &Serve) -> Result<(TcpListener, String), Failure> {
    let cannot = |e: io::Error| {
        Failure::new(
            format!("cannot listen on {}", args.listen),
            e.to_string(),
            "name an address of this machine and a free port: --listen 127.0.0.1:2222",
        )
    };
    let listener = if args.listen == "stdin" {
        let socket = io::stdin().as_fd().try_clone_to_owned().map_err(cannot)?;
        TcpListener::from(socket)
    } else {
        TcpListener::bind(&args.listen).map_err(cannot)?
    };
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address.to_string()))
}

/// What the arguments ask for, with the files as they are now.
fn config(args: &Serve, host_key: &HostKey) -> Result<Config, Failure> {
    let build = args
        .build
        .as_deref()
        .map(|name| {
            Build::profile(name).ok_or_else(|| {
                Failure::new(
                    format!("no build profile is called {name}"),
                    format!("known are: {}", Build::profiles().join(", ")),
                    "name one of these, or a version: openssh-9.2",
                )
            })
        })
        .transpose()?;
    let account = account()?;
    let source = match &args.keys {
        Some(path) => Source::Folder(folder(args, path, account.clone(), build)?),
        None => machine(args, build)?,
    };
    let mode = if args.session {
        let helper = own_file()?;
        let mut login = Login::new(account, vec![helper.into(), "serve-session".into()]);
        if args.like_sshd {
            login.nologin = Some(PathBuf::from("/etc/nologin"));
            login.system_rc = Some(PathBuf::from("/etc/ssh/sshrc"));
        }
        Mode::Session(login)
    } else {
        Mode::ExplainOnly
    };
    let mut config = Config::new(mode, source, vec![host_key.clone()]);
    // Sessions are worth recording. Who is refused and asks why may have an old client, and hears nothing
    // that is.
    config.post_quantum_only = args.post_quantum || (args.session && !args.classical);
    config.limits = Limits {
        connections: args.connections,
        per_source: args.per_source,
        grace: Duration::from_secs(args.grace),
        penalty: Duration::from_secs(args.penalty),
        ..Limits::default()
    };
    Ok(config)
}

fn own_file() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|e| {
        Failure::new(
            "cannot find this program's own file",
            e.to_string(),
            "start it by its full path",
        )
    })
}

/// Accounts that the network's side may run as, best first.
const NETWORK_USERS: [&[u8]; 2] = [b"_sshwhy", b"nobody"];

/// The program of the network's side.
fn network_program(args: &Serve) -> Result<Vec<OsString>, Failure> {
    let options = Options {
        build: Build::profile(CURRENT),
        ..Options::default()
    };
    let world = LiveWorld::new(options).ok();
    let named = |name: &[u8]| match world.as_ref()?.account(name) {
        Fact::Known(Some(account)) => Some((account.uid, account.gid)),
        _ => None,
    };
    let why = args.network_user.as_ref().map_or_else(
        || "neither _sshwhy nor nobody is known here".to_owned(),
        |name| format!("{} is not known here, or is root's", shown(name.as_bytes())),
    );
    let wanted = match &args.network_user {
        Some(name) => named(name.as_bytes()),
        None => NETWORK_USERS.iter().find_map(|name| named(name)),
    };
    let (uid, gid) = wanted
        .filter(|(uid, gid)| *uid != 0 && *gid != 0)
        .ok_or_else(|| {
            Failure::new(
                "no account for the process that speaks to the network",
                why,
                "name one that owns nothing: --network-user NAME",
            )
        })?;
    Ok(vec![
        own_file()?.into(),
        "serve-network".into(),
        uid.to_string().into(),
        gid.to_string().into(),
    ])
}

fn folder(
    args: &Serve,
    path: &Path,
    account: Account,
    build: Option<Build>,
) -> Result<Folder, Failure> {
    let failed = |why: String, help: &str| {
        Failure::new(format!("cannot serve by {}", path.display()), why, help)
    };
    let help = "name a folder of your own that holds authorized_keys or *.pub";
    let about = std::fs::metadata(path).map_err(|e| failed(e.to_string(), help))?;
    if !about.is_dir() {
        return Err(failed("it is not a directory".into(), help));
    }
    if ![0, account.uid].contains(&about.uid()) || about.mode() & 0o022 != 0 {
        let why = "others could put keys into it";
        return Err(failed(why.into(), OWN_FOLDER));
    }
    // Whoever may rename what lies above it may put another in its place; not where a folder is sticky.
    let whole = std::fs::canonicalize(path).map_err(|e| failed(e.to_string(), help))?;
    for above in whole.ancestors().skip(1) {
        let about = std::fs::metadata(above).map_err(|e| failed(e.to_string(), help))?;
        let others = about.mode() & 0o022 != 0 && about.mode() & 0o1000 == 0;
        if others || ![0, account.uid].contains(&about.uid()) {
            let why = format!(
                "others could put another folder in its place: {}",
                above.display()
            );
            return Err(failed(why, OWN_FOLDER));
        }
    }
    let mut settings = Vec::new();
    for line in &args.option {
        settings.extend_from_slice(line.as_bytes());
        settings.push(b'\n');
    }
    let build = build.or_else(|| Build::profile(CURRENT)).ok_or_else(|| {
        failed(
            format!("the build {CURRENT} is not known"),
            "name one with --build",
        )
    })?;
    Ok(Folder {
        path: path.to_owned(),
        account,
        settings,
        build,
    })
}

fn machine(args: &Serve, build: Option<Build>) -> Result<Source, Failure> {
    let audit = crate::args::Audit {
        user: Vec::new(),
        key: Vec::new(),
        exact: false,
        from: None,
        to: None,
        sshd_config: args.sshd_config.clone(),
        root: args.root.clone(),
        build: args.build.clone(),
        run_commands: false,
        logs: false,
        all: false,
        redact: false,
        common: args.common.clone(),
    };
    let world = crate::audit::world(&audit)?;
    let config = crate::audit::config_path(&audit, &world)?;
    Ok(Source::Machine {
        root: args.root.clone(),
        config,
        build: Some(build.unwrap_or_else(|| world.build().clone())),
        run_commands: args.run_commands,
        indexes: sshwhy_server::Cache::default(),
    })
}

/// The account that runs this.
fn account() -> Result<Account, Failure> {
    let uid = rustix::process::geteuid().as_raw();
    let unknown = || {
        Failure::new(
            format!("the user id {uid} has no account"),
            "the name service knows no entry for it",
            "run this as a user of this machine",
        )
    };
    let options = Options {
        build: Build::profile(CURRENT),
        ..Options::default()
    };
    let world = LiveWorld::new(options).map_err(|_| unknown())?;
    let named = ["LOGNAME", "USER"]
        .iter()
        .filter_map(std::env::var_os)
        .find_map(|name: OsString| match world.account(name.as_bytes()) {
            Fact::Known(Some(account)) if account.uid == uid => Some(account),
            _ => None,
        });
    let mut account = named
        .or_else(|| {
            let all = world.accounts().ok()?;
            all.into_iter().find(|a| a.uid == uid)
        })
        .ok_or_else(unknown)?;
    account.password = PasswordField::Shadowed;
    Ok(account)
}

impl Serve {
    /// What is served, in words.
    fn words(&self) -> String {
        let what = if self.session {
            "sessions for this account"
        } else {
            "explanations; nobody is let in"
        };
        let by = match (&self.keys, &self.root) {
            (Some(keys), _) => format!("the keys in {}", keys.display()),
            (None, Some(root)) => format!("the system under {}", root.display()),
            (None, None) => "this machine's sshd_config and files".to_owned(),
        };
        format!("{what}, by {by}")
    }
}

/// Says on standard error what could not be done while serving.
fn complain(args: &crate::args::Common, failure: &Failure) {
    output::failure(args, failure);
}
