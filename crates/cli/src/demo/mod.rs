//! `sshwhy demo`: refused, explained, mended, in, on an embedded server.

pub mod args;
mod cases;
mod client;
mod files;
mod machine;
mod scenario;
mod show;
mod written;

use crate::failure::Failure;
use crate::output;
use args::Demo;
use cases::{CASES, STORY};
use machine::Machine;
use scenario::Story;
use serde::Serialize;
use show::{Shown, Stage};
use sshwhy_report::json;
use sshwhy_server::{Config, Event, HostKey, Login, Mode, Running, Source, serve};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Build};
use std::io::{self, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// The sshd that the embedded server decides as: a current one, as upstream has it.
const BUILD: &str = "openssh-10.0";

#[derive(Serialize)]
struct ListDoc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    causes: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    id: &'static str,
    kind: &'static str,
    story: String,
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    stages: Vec<Shown>,
}

/// Where a cause is shown.
enum Play {
    /// On a machine of files in the scratch folder.
    Folder(&'static cases::Case),
    /// On the client's side, with that machine in order.
    Client(&'static client::Trick),
    /// On a machine that its scenario file describes.
    Scenario(Box<Story>),
}

impl Play {
    fn of(id: &str) -> Option<Play> {
        let folder = cases::of(id).map(Play::Folder);
        let folder = folder.or_else(|| client::of(id).map(Play::Client));
        folder.or_else(|| Story::of(id).map(|s| Play::Scenario(Box::new(s))))
    }
}

/// All that can be shown: those of the scratch folder first.
fn listed() -> Vec<Listed> {
    let folder = CASES.iter().map(|c| Listed {
        id: c.id,
        kind: c.kind,
        story: c.story.to_owned(),
    });
    let client = client::TRICKS.iter().map(|t| Listed {
        id: t.id,
        kind: t.kind,
        story: t.story.to_owned(),
    });
    let rest = scenario::all().filter(|s| cases::of(s.id()).is_none());
    let rest = rest.map(|s| Listed {
        id: s.id(),
        kind: "from its scenario, on a machine that is only written down",
        story: s.title().to_owned(),
    });
    let mut all: Vec<Listed> = folder.chain(client).collect();
    // Those of one kind together, in the order of the first.
    let kinds: Vec<&str> = all.iter().map(|l| l.kind).collect();
    all.sort_by_key(|l| kinds.iter().position(|k| *k == l.kind));
    all.extend(rest);
    all
}

pub(crate) fn run(args: &Demo) -> Result<u8, Failure> {
    use crate::args::Format;
    if args.list {
        return list(args);
    }
    let ids: Vec<&str> = match &args.cause {
        Some(id) => vec![id.as_str()],
        None => STORY.to_vec(),
    };
    let plays: Vec<Play> = ids.iter().filter_map(|id| Play::of(id)).collect();
    if plays.len() < ids.len() {
        let id = ids.first().copied().unwrap_or_default();
        let why = if sshwhy_causes::by_id(id).is_some() {
            "it hangs on another machine, another system, or what others do at that moment"
        } else {
            "there is no such cause"
        };
        return Err(Failure::new(
            format!("{id} cannot be shown"),
            why,
            "sshwhy demo --list names what can; sshwhy explain says more about each",
        ));
    }
    let cannot = |e: io::Error| {
        Failure::new(
            "the demo cannot go on",
            e.to_string(),
            "it needs a folder for temporary files (TMPDIR) and a free port of 127.0.0.1",
        )
    };
    let machine = Machine::new().map_err(cannot)?;
    let server = server(&machine).map_err(cannot)?;
    let address = server.address();
    let mut stages = Vec::new();
    let mut code = 0;
    for (n, play) in plays.iter().enumerate() {
        let (shown, whole) = match play {
            Play::Folder(case) => {
                let stage = Stage {
                    machine: &machine,
                    address,
                    case,
                };
                let shown = stage.play().map_err(cannot)?;
                let whole = shown.is_whole();
                (shown, whole)
            }
            Play::Client(trick) => {
                let shown = trick
                    .play(&machine, &format!("demo@{address}"))
                    .map_err(cannot)?;
                let whole = shown.is_whole();
                (shown, whole)
            }
            Play::Scenario(story) => {
                let shown = story.play(&machine).map_err(cannot)?;
                let named = shown.named();
                (shown, named)
            }
        };
        if !whole {
            code = 1;
        }
        if args.common.format == Format::Text {
            output::print(&args.common, code, |out| {
                shown.text(n + 1, plays.len(), out)
            })?;
        }
        stages.push(shown);
    }
    server.stop(Duration::from_millis(200));
    let folder = machine.folder().to_owned();
    drop(machine);
    if folder.exists() {
        code = 1;
    }
    output::print(&args.common, code, |out| match args.common.format {
        Format::Json => json::write(
            &Doc {
                schema: "sshwhy/1",
                command: "demo",
                results: [],
                stages,
            },
            out,
        ),
        Format::Text => end(out),
    })
}

fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "nothing of this machine was changed, and nothing is left behind\n\
         \x20  = on your server:  sudo sshwhy audit --user NAME --key KEY.pub\n\
         \x20  = from outside:    sshwhy check NAME@SERVER -i KEY\n\
         \x20  = more to see:     sshwhy demo --list"
    )
}

/// The embedded server: it decides by the scratch machine's files, read anew for each login.
fn server(machine: &Machine) -> io::Result<Running> {
    let me = rustix::process::geteuid().as_raw();
    let account = Account {
        name: b"demo".to_vec(),
        uid: me,
        gid: rustix::process::getegid().as_raw(),
        home: b"/home/demo".to_vec(),
        shell: b"/bin/sh".to_vec(),
        password: PasswordField::Never,
    };
    let source = Source::Machine {
        root: Some(machine.root()),
        config: b"/etc/ssh/sshd_config".to_vec(),
        build: Build::profile(BUILD),
        run_commands: false,
        indexes: sshwhy_server::Cache::default(),
    };
    // Nobody asks for a session here: the demo's client ends once it is let in.
    let mode = Mode::Session(Login::new(account, Vec::new()));
    let mut config = Config::new(mode, source, vec![HostKey::generate()?]);
    config.limits.penalty = Duration::ZERO;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    serve(config, listener, Arc::new(|_: &Event| {}))
}

fn list(args: &Demo) -> Result<u8, Failure> {
    use crate::args::Format;
    output::print(&args.common, 0, |out| match args.common.format {
        Format::Json => json::write(
            &ListDoc {
                schema: "sshwhy/1",
                command: "demo",
                results: [],
                causes: listed(),
            },
            out,
        ),
        Format::Text => {
            let mut kind = "";
            for case in listed() {
                if case.kind != kind {
                    kind = case.kind;
                    writeln!(out, "{kind}")?;
                }
                writeln!(out, "  {:<42} {}", case.id, case.story)?;
            }
            Ok(())
        }
    })
}
