//! `--ask`: at most three questions, each the one whose answer would settle most.

use sshwhy_rank::{Choice, Question, Signs, best, shown};
use sshwhy_report::safe;
use std::io::{self, BufRead, IsTerminal, Write};

/// Most questions of one run.
const MOST: usize = 3;

/// Asks at the terminal; without one nobody answers, and nothing is asked.
pub(crate) fn asked(signs: &Signs) -> Vec<(Question, Choice)> {
    if !io::stdin().is_terminal() {
        eprintln!("sshwhy: --ask needs a terminal to ask at; nothing was asked");
        return Vec::new();
    }
    ask(signs, &mut io::stdin().lock(), &mut io::stderr())
}

/// Asks the questions in turn. An empty line passes a question over; the end of the input ends it.
fn ask(signs: &Signs, input: &mut dyn BufRead, out: &mut dyn Write) -> Vec<(Question, Choice)> {
    let mut signs = signs.clone();
    let first = signs.answers.len();
    let mut passed: Vec<Question> = Vec::new();
    let user = match signs.user.as_slice() {
        b"" => "USER".to_owned(),
        user => safe::shown(user),
    };
    for _ in 0..MOST {
        let Some((question, _)) = best(&signs, &passed) else {
            break;
        };
        match one(question, &signs, &user, input, out) {
            Ok(Some(Some(choice))) => signs.answers.push((question, choice)),
            Ok(Some(None)) => passed.push(question),
            Ok(None) | Err(_) => break,
        }
    }
    signs.answers.split_off(first)
}

/// `None`: nobody answers any more. `Some(None)`: it is not known.
fn one(
    question: Question,
    signs: &Signs,
    user: &str,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> io::Result<Option<Option<Choice>>> {
    writeln!(out, "\n{}", question.text().replace("USER", user))?;
    let choices = question.choices();
    let few = shown(signs, question);
    for (n, choice) in few.iter().enumerate() {
        let text = choices.get(choice.0).map_or("", |c| c.text);
        writeln!(out, "  {}  {text}", n + 1)?;
    }
    let paste = match question {
        Question::Log => ", the line itself",
        _ => "",
    };
    loop {
        write!(
            out,
            "1 to {}{paste}, or Enter if you cannot tell: ",
            few.len()
        )?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim().parse::<usize>() {
            _ if line.trim().is_empty() => return Ok(Some(None)),
            Ok(n) if (1..=few.len()).contains(&n) => return Ok(Some(few.get(n - 1).copied())),
            // A line of the log, as it is.
            Err(_) if question == Question::Log && line.trim().contains(' ') => {
                return Ok(Some(Question::of_log(&signs.user, line.lines())));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sshwhy_rank::Place;

    fn answers(input: &str) -> (Vec<(Question, Choice)>, String) {
        let mut out = Vec::new();
        let found = ask(&Signs::at(Place::Query), &mut input.as_bytes(), &mut out);
        (found, String::from_utf8(out).unwrap())
    }

    #[test]
    fn three_are_asked_at_most_and_each_once() {
        let (found, said) = answers("1\n1\n1\n1\n1\n");
        assert_eq!(found.len(), 3);
        assert_eq!(said.matches("or Enter").count(), 3);
        let mut questions: Vec<_> = found.iter().map(|(q, _)| *q).collect();
        questions.sort_unstable();
        questions.dedup();
        assert_eq!(questions.len(), 3);
    }

    #[test]
    fn a_line_of_the_log_is_an_answer() {
        let line = "sshd[7]: Invalid user carol from 192.0.2.9 port 40000";
        let (found, said) = answers(&format!("{line}\n"));
        assert_eq!(
            found,
            [(Question::Log, Question::Log.choice("invalid").unwrap())]
        );
        assert!(
            said.contains("journalctl") && said.contains("the line itself"),
            "{said}"
        );
    }

    #[test]
    fn what_nobody_knows_is_passed_over_and_not_asked_again() {
        let (found, said) = answers("\n\n2\n");
        assert_eq!(found.len(), 1);
        assert_eq!(said.matches("or Enter").count(), 3);
    }

    #[test]
    fn a_number_that_stands_for_nothing_is_asked_for_again_and_the_end_ends_it() {
        let (found, said) = answers("99\nx\n");
        assert!(found.is_empty());
        assert_eq!(said.matches("or Enter").count(), 3);
    }
}
