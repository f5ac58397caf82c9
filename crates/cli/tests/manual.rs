//! The man pages and completions in `docs/` are those of the definitions. To write them anew:
//! `SSHWHY_WRITE=1 cargo test -p sshwhy --test manual`.
#![allow(missing_docs)]

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use sshwhy::args::Cli;
use std::fs;
use std::path::Path;

fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    command
}

fn pages(command: &clap::Command, name: &str, out: &mut Vec<(String, Vec<u8>)>) {
    let mut text = Vec::new();
    let page = command.clone();
    clap_mangen::Man::new(page)
        .title(name.to_uppercase())
        .source("sshwhy")
        .manual("sshwhy manual")
        .render(&mut text)
        .unwrap();
    out.push((format!("man/{name}.1"), text));
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
        pages(sub, &format!("{name}-{}", sub.get_name()), out);
    }
}

#[test]
fn man_pages_and_completions_are_fresh() {
    let mut files = Vec::new();
    pages(&command(), "sshwhy", &mut files);
    for (shell, file) in [
        (Shell::Bash, "sshwhy.bash"),
        (Shell::Zsh, "_sshwhy"),
        (Shell::Fish, "sshwhy.fish"),
    ] {
        let mut text = Vec::new();
        generate(shell, &mut command(), "sshwhy", &mut text);
        files.push((format!("completions/{file}"), text));
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut stale = Vec::new();
    for (file, text) in files {
        let path = docs.join(&file);
        if std::env::var_os("SSHWHY_WRITE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        } else if fs::read(&path).ok().as_deref() != Some(&text) {
            stale.push(file);
        }
    }
    assert!(
        stale.is_empty(),
        "stale, write them with SSHWHY_WRITE=1: {stale:?}"
    );
}
