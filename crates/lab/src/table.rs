//! The table of builds and scenarios, `docs/agreement.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::scenarios::Found;
use crate::targets::Target;

/// The heading from which on people write.
const BY_HAND: &str = "## Generated worlds";

/// Cases of a scenario on one build.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    agree: usize,
    all: usize,
}

/// Counts, by scenario and by build.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<String>,
    titles: Vec<String>,
    rows: BTreeMap<String, BTreeMap<usize, Cell>>,
}

impl Table {
    /// The next build.
    pub fn column(&mut self, target: &Target) {
        self.columns.push(target.name.clone());
        let only = if target.gate { "" } else { ", reported only" };
        self.titles.push(format!("{}{only}", target.build.banner));
    }

    /// A case on the build that was named last.
    pub fn count(&mut self, found: &Found, agrees: bool) {
        let of = |p: Option<&Path>| {
            p.and_then(Path::file_name)
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        let stage = of(found.file.parent());
        let name = format!("{stage}/{}", of(Some(&found.file)).trim_end_matches(".md"));
        let column = self.columns.len().saturating_sub(1);
        let cell = self
            .rows
            .entry(name)
            .or_default()
            .entry(column)
            .or_default();
        cell.all += 1;
        cell.agree += usize::from(agrees);
    }

    /// How many builds there are.
    #[must_use]
    pub fn builds(&self) -> usize {
        self.columns.len()
    }

    /// As Markdown. What stands in `old` from `BY_HAND` on is kept at the end.
    #[must_use]
    pub fn text(&self, old: &str) -> String {
        let mut out = String::from(
            "# Agreement with real servers\n\n\
             Made by `cargo xtask lab --scenarios`. Each case of each scenario was built as a\n\
             real tree, judged by the engine (from memory and from that tree), and then tried on the real\n\
             server. A case agrees if all three came to the same verdict, the first cause is the one that\n\
             the scenario names, and the server logged what the scenario says. A number counts cases that\n\
             agree; `a/b` means that some did not. Empty: no case of that scenario can be had on that build.\n\n",
        );
        out.push_str(&self.summary());
        let _ = write!(out, "\n| scenario |");
        for name in &self.columns {
            let _ = write!(out, " {name} |");
        }
        let _ = writeln!(out, "\n| --- |{}", " ---: |".repeat(self.columns.len()));
        for (name, cells) in &self.rows {
            let _ = write!(out, "| {name} |");
            for i in 0..self.columns.len() {
                let text = match cells.get(&i) {
                    None => String::new(),
                    Some(c) if c.agree == c.all => format!(" {}", c.all),
                    Some(c) => format!(" {}/{}", c.agree, c.all),
                };
                let _ = write!(out, "{text} |");
            }
            out.push('\n');
        }
        let kept = old.find(BY_HAND).and_then(|at| old.get(at..));
        if let Some(kept) = kept {
            let _ = write!(out, "\n{kept}");
        }
        out
    }

    /// The builds, their servers and how many cases agree on each.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out =
            String::from("| build | server | cases | agree |\n| --- | --- | ---: | ---: |\n");
        for (i, (name, title)) in self.columns.iter().zip(&self.titles).enumerate() {
            let cells = self.rows.values().filter_map(|r| r.get(&i));
            let (agree, all) = cells.fold((0, 0), |(a, n), c| (a + c.agree, n + c.all));
            let _ = writeln!(out, "| {name} | {title} | {all} | {agree} |");
        }
        out
    }
}
