//! What opening a PPK of version 3 costs beside the Argon2 in it: `ppk_open [RUNS]`.
//!
//! In turns in one process: read and unlock of a file with PuTTYgen's parameters, and the same
//! derivation alone. Prints both medians and the median ratio of the pairs.
#![allow(clippy::print_stdout)]

use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::{TryCryptoRng, TryRng};
use sshwhy_keyfile::{NewKey, PpkOptions, Target, generate, read, write};
use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

const PASSPHRASE: &[u8] = b"testing";
const SALT: [u8; 16] = *b"a salt of 16 byt";

/// Not random: the key is used for nothing.
struct Fixed;

impl TryRng for Fixed {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(7)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(7)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(7);
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runs: usize = std::env::args().nth(1).map_or(Ok(41), |n| n.parse())?;
    let options = PpkOptions {
        salt: Some(SALT.to_vec()),
        ..PpkOptions::default()
    };
    let key = generate(NewKey::Ed25519, b"bench".to_vec(), &mut Fixed)?;
    let text = write(
        &key,
        &Target::Ppk(options.clone()),
        Some(PASSPHRASE),
        &mut Fixed,
    )?;
    let params = Params::new(
        options.memory,
        options.passes,
        options.parallelism,
        Some(80),
    )
    .map_err(|e| e.to_string())?;
    let (mut opens, mut derivations, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=runs {
        let start = Instant::now();
        black_box(read(black_box(&text))?.unlock(Some(PASSPHRASE))?);
        let open = start.elapsed().as_secs_f64() * 1e3;
        let start = Instant::now();
        let mut out = [0; 80];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into(PASSPHRASE, &SALT, &mut out)
            .map_err(|e| e.to_string())?;
        black_box(out);
        let derivation = start.elapsed().as_secs_f64() * 1e3;
        // The first run warms up.
        if run > 0 {
            opens.push(open);
            derivations.push(derivation);
            ratios.push(open / derivation);
        }
    }
    println!(
        "{} KiB, {} passes, {runs} runs each: open {:.2} ms, Argon2 alone {:.2} ms, open/Argon2 {:.3}",
        options.memory,
        options.passes,
        median(&mut opens),
        median(&mut derivations),
        median(&mut ratios),
    );
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
