//! The system packages that the tests want: real servers and clients.

use crate::run::{output, program, run};
use std::process::Command;

/// A program that tests run, and the Debian package it comes in.
const WANTED: &[(&str, &str)] = &[
    ("sshd", "openssh-server"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("puttygen", "putty-tools"),
    ("pageant", "putty"),
    ("dropbear", "dropbear-bin"),
    ("setfacl", "acl"),
    ("strace", "strace"),
    ("ip", "iproute2"),
    ("unshare", "util-linux"),
    ("sudo", "sudo"),
    ("nc", "netcat-openbsd"),
];

/// A module of Python that tests use, and the Debian package it comes in.
const MODULE: (&str, &str) = ("paramiko", "python3-paramiko");

/// Whether the system's Python has it: another Python on the path does not see Debian's packages.
fn has_module() -> bool {
    ["/usr/bin/python3", "python3"].iter().any(|python| {
        Command::new(python)
            .args(["-c", &format!("import {}", MODULE.0)])
            .output()
            .is_ok_and(|o| o.status.success())
    })
}

/// Installs what is missing where that is allowed; otherwise says exactly what is missing.
pub(crate) fn install() {
    let mut missing: Vec<&str> = WANTED
        .iter()
        .filter(|(name, _)| program(name).is_none())
        .map(|(_, package)| *package)
        .collect();
    missing.dedup();
    if !has_module() {
        missing.push(MODULE.1);
    }
    if missing.is_empty() {
        return;
    }
    println!("system packages missing: {}", missing.join(" "));
    if program("apt-get").is_none() {
        println!("this is no Debian: install them by hand. The tests that need them are skipped.");
        return;
    }
    let root = output(Command::new("id").arg("-u")).is_ok_and(|o| o.trim_ascii() == b"0");
    let sudo = !root
        && Command::new("sudo")
            .args(["-n", "true"])
            .output()
            .is_ok_and(|o| o.status.success());
    if !root && !sudo {
        println!(
            "install them with:\n  sudo apt-get install --no-install-recommends {}\n\
             The tests that need them are skipped.",
            missing.join(" ")
        );
        return;
    }
    let apt = |words: &[&str]| {
        let mut command = if root {
            Command::new("apt-get")
        } else {
            let mut c = Command::new("sudo");
            c.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            c
        };
        command.env("DEBIAN_FRONTEND", "noninteractive").args(words);
        run(&mut command)
    };
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(&missing);
    let done = apt(&["update", "-qq"]).and_then(|()| apt(&words));
    if let Err(why) = done {
        println!("could not install them ({why}). The tests that need them are skipped.");
    }
}
