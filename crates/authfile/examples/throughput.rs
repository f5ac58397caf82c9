//! How fast one key is found in a large file, or how fast every line of it is diagnosed:
//! `cargo run --release -p sshwhy-authfile --example throughput -- FILE PUBLIC-KEY-FILE|diagnose`
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use sshwhy_authfile::damage::diagnose_line;
use sshwhy_authfile::{Line, Lines, OfferedKey, Rules, Scanner};
use std::{env, error::Error, fs, io::Read, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let file = args.next().ok_or("FILE?")?;
    let what = args.next().ok_or("PUBLIC-KEY-FILE or `diagnose`?")?;
    let rules = Rules::openssh(9, 2);
    if what == "diagnose" {
        diagnose(&file, &rules)
    } else {
        scan(&file, &what, &rules)
    }
}

/// Hands a file on in chunks.
fn chunks(file: &str, mut on: impl FnMut(&[u8])) -> Result<(), Box<dyn Error>> {
    let mut chunk = vec![0; 256 << 10];
    let mut input = fs::File::open(file)?;
    loop {
        let n = input.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        on(&chunk[..n]);
    }
}

fn scan(file: &str, public: &str, rules: &Rules) -> Result<(), Box<dyn Error>> {
    let text = fs::read(public)?;
    let word = text.split(|&b| b == b' ').nth(1).ok_or("no key")?;
    let blob = sshwhy_keys::base64::decode(word)?;
    let key = OfferedKey::plain(&blob).ok_or("no plain key")?;
    let start = Instant::now();
    let mut scanner = Scanner::new(rules, key);
    let found = |f: sshwhy_authfile::Found<'_>| println!("line {}: {:?}", f.number, f.answer);
    chunks(file, |chunk| scanner.push(chunk, found))?;
    let totals = scanner.finish(found);
    let took = start.elapsed().as_secs_f64();
    println!(
        "scan: {totals:?} in {took:.3} s, {:.2} GB/s",
        totals.bytes as f64 / took / 1e9
    );
    Ok(())
}

fn diagnose(file: &str, rules: &Rules) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut lines = Lines::new();
    let mut broken = 0;
    let mut look = |_: u64, _: u64, raw: &[u8]| {
        broken += u64::from(diagnose_line(&Line::read(raw, rules)).is_some());
    };
    chunks(file, |chunk| lines.push(chunk, &mut look))?;
    let totals = lines.finish(&mut look);
    let took = start.elapsed().as_secs_f64();
    println!(
        "diagnose: {} lines, {broken} broken, in {took:.3} s",
        totals.lines
    );
    Ok(())
}
