//! Files through every client there is, both ways: `SSHWHY_COPY` MiB (64 without it). The server offers
//! post-quantum key exchanges alone, as with sessions it does; for the system's Python modules, which may
//! have none, older ones too, but with `SSHWHY_POST_QUANTUM`, which takes newer ones first on the path.
#![allow(missing_docs)]

mod common;

use common::{Stage, have, tell, wide};
use sshwhy_server::Config;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

fn mebibytes() -> usize {
    let told = std::env::var("SSHWHY_COPY").ok();
    told.and_then(|n| n.parse().ok()).unwrap_or(64)
}

/// A file of bytes that no shift or repetition leaves alike.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    let mut state = 88_172_645_463_325_252_u64;
    let mut block = vec![0u8; 1 << 20];
    for _ in 0..mebibytes() {
        for word in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_be_bytes());
        }
        file.write_all(&block).unwrap();
    }
}

struct Copies {
    stage: Stage,
    ppk: String,
}

impl Copies {
    fn new() -> Copies {
        Copies::with(true)
    }

    fn with(post_quantum_only: bool) -> Copies {
        let change = |c: &mut Config| c.post_quantum_only = post_quantum_only;
        let stage = Stage::with(true, "", wide(), change);
        fill(&stage.path("big"));
        let ppk = stage.path("listed.ppk");
        if have(&["puttygen"]) {
            let done = Command::new("puttygen")
                .arg(stage.path("listed"))
                .args(["-O", "private", "-o"])
                .arg(&ppk)
                .status();
            assert!(done.unwrap().success());
        }
        Copies {
            ppk: ppk.display().to_string(),
            stage,
        }
    }

    fn here(&self) -> String {
        self.stage.path("big").display().to_string()
    }

    fn there(&self) -> String {
        self.stage.path("home/there").display().to_string()
    }

    fn back(&self) -> String {
        self.stage.path("back").display().to_string()
    }

    fn far(&self) -> String {
        format!("{}@127.0.0.1", self.stage.user)
    }

    /// OpenSSH's clients.
    fn open(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(self.stage.options("listed")).args(words);
        command
    }

    /// PuTTY's.
    fn putty(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(["-batch", "-noagent", "-hostkey", &self.stage.host_key, "-P"])
            .arg(self.stage.port().to_string())
            .args(["-i", &self.ppk])
            .args(words)
            .env("HOME", self.stage.dir.path());
        command
    }

    /// Both ways, and what came of it.
    fn both(&self, name: &str, there: &mut [Command], back: &mut [Command]) {
        let _ = (fs::remove_file(self.there()), fs::remove_file(self.back()));
        let start = Instant::now();
        for command in there.iter_mut().chain(back) {
            let out = command.stderr(Stdio::piped()).output().unwrap();
            let words = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(out.status.success(), "{name}: {words}");
        }
        for copy in [self.there(), self.back()] {
            let same = Command::new("cmp").args([&self.here(), &copy]).status();
            assert!(same.unwrap().success(), "{name}: {copy} is damaged");
        }
        let time = start.elapsed();
        tell(&format!("{name}: {} MiB each way, {time:.1?}", mebibytes()));
    }
}

/// A batch file for sftp and psftp.
fn batch(copies: &Copies, name: &str, line: &str) -> String {
    let path = copies.stage.path(name);
    fs::write(&path, format!("{line}\n")).unwrap();
    path.display().to_string()
}

#[test]
fn openssh_copies_both_ways_unharmed() {
    if !have(&["ssh", "scp", "sftp", "ssh-keygen"]) {
        return;
    }
    let c = Copies::new();
    let (here, there, back, far) = (c.here(), c.there(), c.back(), c.far());
    let mut send = c.open("ssh", &[&far, &format!("cat > {there}")]);
    send.stdin(fs::File::open(&here).unwrap());
    let mut fetch = c.open("ssh", &[&far, &format!("cat {there}")]);
    fetch.stdout(fs::File::create(&back).unwrap());
    // `both` removes what is there: this one keeps its file open.
    let out = send.output().unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(fetch.status().unwrap().success());
    for copy in [&there, &back] {
        assert!(
            Command::new("cmp")
                .args([&here, copy])
                .status()
                .unwrap()
                .success()
        );
    }
    // Through a program that reads and writes at once.
    let mut through = c.open("ssh", &[&far, "cat"]);
    through.stdin(fs::File::open(&here).unwrap());
    through.stdout(fs::File::create(&back).unwrap());
    assert!(through.status().unwrap().success());
    assert!(
        Command::new("cmp")
            .args([&here, &back])
            .status()
            .unwrap()
            .success()
    );
    tell(&format!(
        "ssh: {} MiB each way, and through cat",
        mebibytes()
    ));
    let at = format!("{far}:{there}");
    c.both(
        "scp",
        &mut [c.open("scp", &["-q", &here, &at])],
        &mut [c.open("scp", &["-q", &at, &back])],
    );
    c.both(
        "scp -O",
        &mut [c.open("scp", &["-q", "-O", &here, &at])],
        &mut [c.open("scp", &["-q", "-O", &at, &back])],
    );
    let (up, down) = (
        batch(&c, "up", &format!("put {here} {there}")),
        batch(&c, "down", &format!("get {there} {back}")),
    );
    c.both(
        "sftp",
        &mut [c.open("sftp", &["-q", "-b", &up, &far])],
        &mut [c.open("sftp", &["-q", "-b", &down, &far])],
    );
}

#[test]
fn putty_copies_both_ways_unharmed() {
    if !have(&[
        "plink",
        "psftp",
        "pscp",
        "puttygen",
        "ssh-keyscan",
        "ssh-keygen",
    ]) {
        return;
    }
    let c = Copies::new();
    let (here, there, back, far) = (c.here(), c.there(), c.back(), c.far());
    let shell = |line: String| {
        let mut command = Command::new("sh");
        command.args(["-c", &line]);
        command
    };
    let words = |command: &Command| {
        let all = std::iter::once(command.get_program()).chain(command.get_args());
        let all: Vec<String> = all.map(|w| format!("'{}'", w.to_str().unwrap())).collect();
        all.join(" ")
    };
    let home = format!("HOME='{}' ", c.stage.dir.path().display());
    let send = words(&c.putty("plink", &[&far, &format!("cat > {there}")]));
    let fetch = words(&c.putty("plink", &[&far, &format!("cat {there}")]));
    c.both(
        "plink",
        &mut [shell(format!("{home}{send} < '{here}'"))],
        &mut [shell(format!("{home}{fetch} > '{back}'"))],
    );
    let at = format!("{far}:{there}");
    for how in ["-sftp", "-scp"] {
        c.both(
            &format!("pscp {how}"),
            &mut [c.putty("pscp", &["-q", how, &here, &at])],
            &mut [c.putty("pscp", &["-q", how, &at, &back])],
        );
    }
    let (up, down) = (
        batch(&c, "up", &format!("put {here} {there}")),
        batch(&c, "down", &format!("get {there} {back}")),
    );
    c.both(
        "psftp",
        &mut [c.putty("psftp", &["-b", &up, &far])],
        &mut [c.putty("psftp", &["-b", &down, &far])],
    );
}

const PARAMIKO: &str = r"
import paramiko, sys
port, user, key, here, there, back = sys.argv[1:]
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect('127.0.0.1', port=int(port), username=user, key_filename=key,
               allow_agent=False, look_for_keys=False)
_, out, _ = client.exec_command('id -un; exit 5')
assert out.read().decode().strip() == user
assert out.channel.recv_exit_status() == 5
sftp = client.open_sftp()
sftp.put(here, there)
sftp.get(there, back)
client.close()
";

const ASYNCSSH: &str = r"
import asyncio, asyncssh, sys
port, user, key, here, there, back = sys.argv[1:]
async def main():
    async with asyncssh.connect('127.0.0.1', port=int(port), username=user, client_keys=[key],
                                known_hosts=None, config=None, agent_path=None) as client:
        done = await client.run('id -un; exit 5')
        assert done.stdout.strip() == user and done.exit_status == 5
        async with client.start_sftp_client() as sftp:
            await sftp.put(here, there)
            await sftp.get(there, back)
asyncio.run(main())
";

fn post_quantum() -> bool {
    std::env::var_os("SSHWHY_POST_QUANTUM").is_some()
}

/// A Python with that module. Another Python on the path does not see the system's packages; for a
/// post-quantum exchange it has to be the path's.
fn python(module: &str) -> Option<&'static str> {
    let mut all = ["/usr/bin/python3", "python3"]
        .into_iter()
        .skip(usize::from(post_quantum()));
    all.find(|python| {
        let imports = Command::new(python)
            .args(["-c", &format!("import {module}")])
            .output();
        imports.is_ok_and(|o| o.status.success())
    })
}

#[test]
fn paramiko_and_asyncssh_log_in_run_commands_and_copy() {
    if !have(&["ssh-keygen"]) {
        return;
    }
    let mut ran = 0;
    for (name, script) in [("paramiko", PARAMIKO), ("asyncssh", ASYNCSSH)] {
        let Some(python) = python(name) else {
            continue;
        };
        let c = Copies::with(post_quantum());
        let mut run = Command::new(python);
        run.args(["-c", script, &c.stage.port().to_string(), &c.stage.user])
            .arg(c.stage.path("listed"))
            .args([c.here(), c.there(), c.back()]);
        c.both(name, &mut [run], &mut []);
        ran += 1;
    }
    if ran == 0 {
        tell("SKIPPED: python3-paramiko is not installed");
    }
}
