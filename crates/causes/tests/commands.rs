//! The commands of the fixes, run as a shell runs them.

use sshwhy_causes::template::command;
use sshwhy_causes::{Args, all, by_id};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&dir));
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn repair(id: &str, args: &Args) -> String {
    let lines: Vec<String> = by_id(id).unwrap().fixes[0]
        .commands
        .iter()
        .map(|c| String::from_utf8(command(c, args).unwrap()).unwrap())
        .collect();
    lines.join("\n")
}

fn sh(script: &str, path: Option<&Path>) -> bool {
    let mut sh = Command::new("/bin/sh");
    sh.arg("-c").arg(script);
    if let Some(path) = path {
        sh.env("PATH", path);
    }
    sh.output().unwrap().status.success()
}

fn args(file: &Path) -> Args {
    let mut args = Args::new();
    args.set("file", file.to_str().unwrap())
        .set("line", "2")
        .set("last_line", "3")
        .set("repaired", "ssh-ed25519 AAAAmine it's \\me");
    args
}

/// Runs the first fix twice.
fn twice(id: &str, old: &[u8], new: &[u8]) {
    let dir = folder(id);
    let file = dir.join("authorized keys");
    fs::write(&file, old).unwrap();
    let script = repair(id, &args(&file));
    for _ in 0..2 {
        sh(&script, None);
        assert_eq!(fs::read(&file).unwrap(), new, "{id}");
        let kept = fs::read(dir.join("authorized keys.before")).unwrap();
        assert_eq!(kept, old, "{id}");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "{id}");
    }
}

#[test]
fn a_second_paste_changes_nothing() {
    let mended = b"# keys\nssh-ed25519 AAAAmine it's \\me\nssh-ed25519 AAAAbob bob\n";
    for id in ["key-line-truncated", "key-line-quoted"] {
        twice(
            id,
            b"# keys\nssh-ed25519 AAAAmi\nssh-ed25519 AAAAbob bob\n",
            mended,
        );
    }
    for id in ["key-line-wrapped", "key-type-alone"] {
        twice(
            id,
            b"# keys\nssh-ed25519 AAAA\nmine me\nssh-ed25519 AAAAbob bob\n",
            mended,
        );
    }
    twice("key-line-bom", b"\xef\xbb\xbfone\ntwo\n", b"one\ntwo\n");
    twice("keys-file-cr-only", b"one\rtwo\r", b"one\ntwo\n");
    twice("keys-file-utf16", b"\xff\xfeo\0n\0e\0\r\0\n\0", b"one\n");
    twice(
        "ca-file-bad-line-first",
        b"# CAs\nbad\nssh-ed25519 AAAA ca\n",
        b"# CAs\n#bad\nssh-ed25519 AAAA ca\n",
    );
}

#[test]
fn without_awk_the_file_stays_whole() {
    let dir = folder("no-awk");
    let bin = dir.join("bin");
    fs::create_dir(&bin).unwrap();
    for tool in ["cp", "cat", "rm", "mktemp"] {
        let from = ["/bin", "/usr/bin"]
            .iter()
            .map(|d| Path::new(d).join(tool))
            .find(|p| p.exists())
            .unwrap();
        std::os::unix::fs::symlink(from, bin.join(tool)).unwrap();
    }
    let file = dir.join("keys");
    fs::write(&file, "a\nb\nc\n").unwrap();
    for id in ["key-line-truncated", "key-line-wrapped"] {
        assert!(!sh(&repair(id, &args(&file)), Some(&bin)));
        assert_eq!(fs::read(&file).unwrap(), b"a\nb\nc\n");
    }
}

#[test]
fn commands_are_shell() {
    for cause in all() {
        for template in cause.fixes.iter().flat_map(|f| f.commands) {
            let mut args = Args::new();
            for piece in sshwhy_causes::template::pieces(template) {
                if let sshwhy_causes::template::Piece::Fact(name) = piece {
                    args.set(name, "it's 1");
                }
            }
            let script = String::from_utf8(command(template, &args).unwrap()).unwrap();
            let parsed = Command::new("sh").args(["-n", "-c", &script]).status();
            assert!(parsed.unwrap().success(), "{}: {script}", cause.id);
        }
    }
}
