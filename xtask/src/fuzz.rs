//! The fuzz targets, one after the other.

use crate::run::{output, program, root, run};
use std::process::Command;

/// Runs each target for `seconds` (60 unless said otherwise).
///
/// # Errors
/// A target found something, or the tools are missing.
pub(crate) fn all(seconds: Option<&str>) -> Result<(), String> {
    let seconds: u32 = seconds
        .unwrap_or("60")
        .parse()
        .map_err(|_| "the time is a number of seconds".to_owned())?;
    if program("cargo-fuzz").is_none() {
        return Err("cargo-fuzz is missing: cargo install cargo-fuzz".into());
    }
    let dir = root().join("fuzz");
    let list = output(
        Command::new("cargo")
            .args(["+nightly", "fuzz", "list"])
            .current_dir(root()),
    )?;
    for target in String::from_utf8_lossy(&list).lines() {
        let corpus = dir.join("corpus").join(target);
        std::fs::create_dir_all(&corpus).map_err(|e| e.to_string())?;
        let packed = dir.join(format!("corpus/{target}.tar.gz"));
        if packed.is_file() {
            run(Command::new("tar")
                .arg("-xzf")
                .arg(packed)
                .arg("-C")
                .arg(&corpus))?;
        }
        println!("fuzzing {target} for {seconds} s");
        // What is found goes to the first folder; every file of the tests is a seed as well.
        run(Command::new("cargo")
            .args(["+nightly", "fuzz", "run", target])
            .args([corpus, root().join("vectors")])
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg("-timeout=10")
            .current_dir(dir.join("..")))?;
    }
    Ok(())
}
