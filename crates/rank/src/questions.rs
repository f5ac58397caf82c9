//! Questions to whoever can look at the server, or ask somebody who can: each has few answers, and
//! is worth asking as far as its answer parts the causes that are left.

use crate::rank::{Ranked, posterior};
use crate::signs::Signs;
use crate::weights::Model;

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// What the server's log says of the login.
    Log,
    /// What is odd about the account, and who else may write to home, `.ssh` and authorized_keys.
    Rights,
    /// Whether the key's fingerprint is among the listed ones.
    Listed,
    /// What the key's line looks like.
    Line,
    /// What state the account is in.
    Account,
    /// What sshd_config says that its package did not.
    Config,
}

/// An answer: its place in [`Question::choices`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice(pub usize);

/// One of a question's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// One word, for tables.
    pub word: &'static str,
    /// For the person asked.
    pub text: &'static str,
}

const fn choice(word: &'static str, text: &'static str) -> Answer {
    Answer { word, text }
}

impl Question {
    /// All of them.
    pub const ALL: [Question; 6] = [
        Question::Log,
        Question::Rights,
        Question::Listed,
        Question::Line,
        Question::Account,
        Question::Config,
    ];

    /// One word, for tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Question::Log => "log",
            Question::Rights => "rights",
            Question::Listed => "listed",
            Question::Line => "line",
            Question::Account => "account",
            Question::Config => "config",
        }
    }

    /// The question, with what to look at; `USER` stands for the account's name.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Question::Log => {
                "On the server, `sudo journalctl -t sshd -t sshd-session --since -15min` (or the end of \
                 /var/log/auth.log or /var/log/secure), after a login that was refused: what does it \
                 say of USER? Paste the line, or take the nearest:"
            }
            Question::Rights => {
                "On the server, `getent passwd USER; sudo chage -l USER; sudo passwd -S USER; \
                 ls -ld / /home ~USER ~USER/.ssh ~USER/.ssh/authorized_keys`: what is odd there \
                 (a w for group or others, an owner who is neither USER nor root, a lock)?"
            }
            Question::Listed => {
                "On the server, `ssh-keygen -lf ~USER/.ssh/authorized_keys`: does it show the \
                 fingerprint of your key?"
            }
            Question::Line => {
                "What does your key look like in ~USER/.ssh/authorized_keys (or: how was it put there)?"
            }
            Question::Account => {
                "Does the account get in another way (console, su, password), and what do \
                 `getent passwd USER` and `sudo chage -l USER` say?"
            }
            Question::Config => {
                "Was sshd's configuration changed on that server (/etc/ssh/sshd_config and \
                 sshd_config.d), and in what?"
            }
        }
    }

    /// Its answers.
    #[must_use]
    pub fn choices(self) -> &'static [Answer] {
        match self {
            Question::Log => {
                const C: &[Answer] = &[
                    choice("closed", "nothing, or only that the connection was closed"),
                    choice(
                        "home",
                        "`bad ownership or modes for directory`, and the home directory",
                    ),
                    choice("dir", "`bad ownership or modes for directory`, and .ssh"),
                    choice(
                        "above",
                        "`bad ownership or modes for directory`, and another one",
                    ),
                    choice("file", "`bad ownership or modes for file`"),
                    choice("invalid", "`Invalid user`"),
                    choice(
                        "allowusers",
                        "`not allowed because not listed in AllowUsers`",
                    ),
                    choice("denyusers", "`not allowed because listed in DenyUsers`"),
                    choice(
                        "allowgroups",
                        "`none of user's groups are listed in AllowGroups`, or `not in any group`",
                    ),
                    choice("denygroups", "`a group is listed in DenyGroups`"),
                    choice("locked", "`account is locked`, or `has expired`"),
                    choice("shell", "`not allowed because shell`"),
                    choice(
                        "pam",
                        "PAM: `Access denied ... by PAM account configuration`, and the like",
                    ),
                    choice(
                        "algorithm",
                        "`not in PubkeyAcceptedAlgorithms`, or an unsupported key",
                    ),
                    choice("length", "`Invalid key length`"),
                    choice("from", "`not from a permitted host`"),
                    choice("options", "`Bad key options`, or `Refused by key options`"),
                    choice("command", "AuthorizedKeysCommand"),
                    choice("denied", "`Could not open`, `Permission denied`"),
                    choice("regular", "`is not a regular file`"),
                    choice("token", "`percent_expand`"),
                    choice(
                        "revoked",
                        "that the key was revoked, or the revoked keys file cannot be read",
                    ),
                    choice("certificate", "words about a certificate or principals"),
                    choice("token-touch", "that a token's touch or PIN was missing"),
                    choice("root", "`ROOT LOGIN REFUSED`"),
                    choice(
                        "many",
                        "`Too many authentication failures`, or `maximum authentication attempts exceeded`",
                    ),
                    choice("chroot", "words about a chroot directory"),
                    choice(
                        "accepted",
                        "`Accepted publickey`, and nothing wrong after it",
                    ),
                    choice("other", "something else"),
                ];
                C
            }
            Question::Rights => {
                const C: &[Answer] = &[
                    choice(
                        "no",
                        "nothing: nobody else may write, USER or root owns all, the account is open",
                    ),
                    choice("home", "others may write the home directory"),
                    choice("dir", "others may write the directory .ssh"),
                    choice("file", "others may write authorized_keys"),
                    choice("above", "others may write / or /home, or a directory above"),
                    choice("owner", "one of them belongs to somebody else"),
                    choice("nobody", "there is no such account"),
                    choice("locked", "the account is locked or has expired"),
                    choice("shell", "its shell is missing, or is none that logs in"),
                    choice(
                        "gone",
                        "its home is not there, is encrypted, or is on another machine",
                    ),
                ];
                C
            }
            Question::Listed => {
                const C: &[Answer] = &[
                    choice("yes", "yes"),
                    choice("no", "no, or it cannot read the file"),
                ];
                C
            }
            Question::Line => {
                const C: &[Answer] = &[
                    choice("plain", "one line, as in the .pub file"),
                    choice("from", "one line with from= before it"),
                    choice("expiry", "one line with expiry-time= before it"),
                    choice(
                        "options",
                        "one line with other words before it: command=, no-pty and the like",
                    ),
                    choice("broken", "spread over several lines"),
                    choice("joined", "on one line with another key"),
                    choice(
                        "foreign",
                        "with BEGIN, PuTTY-User-Key-File or numbers: another format",
                    ),
                    choice(
                        "marked",
                        "with a #, a quote, a host name or another sign before it",
                    ),
                    choice("cut", "shorter than the .pub file, or with other letters"),
                    choice("none", "the file is there, and my key is not in it"),
                    choice("nofile", "there is no such file"),
                    choice("empty", "the file is empty"),
                ];
                C
            }
            Question::Account => {
                const C: &[Answer] = &[
                    choice("ok", "it is there and gets in otherwise, or could"),
                    choice("none", "there is no such account"),
                    choice("locked", "it is locked or has expired"),
                    choice("shell", "its shell is missing, or is none that logs in"),
                    choice(
                        "home",
                        "its home is not there, is encrypted, or is on another machine",
                    ),
                ];
                C
            }
            Question::Config => {
                const C: &[Answer] = &[
                    choice("no", "it is as it was installed"),
                    choice(
                        "allow",
                        "in who may log in: AllowUsers, DenyUsers, AllowGroups, DenyGroups",
                    ),
                    choice("where", "in which file keys are: AuthorizedKeysFile"),
                    choice(
                        "command",
                        "in a command that prints keys: AuthorizedKeysCommand",
                    ),
                    choice(
                        "algorithms",
                        "in which keys are taken: PubkeyAcceptedAlgorithms, RequiredRSASize, RevokedKeys",
                    ),
                    choice(
                        "methods",
                        "in how to log in: PubkeyAuthentication, AuthenticationMethods, PermitRootLogin",
                    ),
                    choice(
                        "certificates",
                        "in certificates: TrustedUserCAKeys, AuthorizedPrincipalsFile",
                    ),
                    choice("other", "in something else"),
                ];
                C
            }
        }
    }

    /// The answer of that word.
    #[must_use]
    pub fn choice(self, word: &str) -> Option<Choice> {
        self.choices()
            .iter()
            .position(|c| c.word == word)
            .map(Choice)
    }

    /// How an account answers about which nothing is wrong.
    #[must_use]
    pub(crate) fn ordinary(self) -> Choice {
        Choice(0)
    }
}

/// The question whose answer would settle most, in bits of expected information; `None` where no
/// question is worth a tenth of a bit. `passed` are those that nobody could answer.
#[must_use]
pub fn best(signs: &Signs, passed: &[Question]) -> Option<(Question, f64)> {
    Model::built_in().best(signs, passed)
}

impl Model {
    /// [`best`] by this model.
    #[must_use]
    pub fn best(&self, signs: &Signs, passed: &[Question]) -> Option<(Question, f64)> {
        let now = entropy(&posterior(self, signs));
        let open = Question::ALL
            .into_iter()
            .filter(|q| !passed.contains(q) && !signs.answers.iter().any(|(asked, _)| asked == q));
        open.map(|q| (q, now - expected(self, signs, q)))
            .filter(|(_, bits)| *bits > 0.1)
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Answers of a question that are worth being shown: of the log's, which are many and can be pasted,
/// those that are not unlikely by what is known.
#[must_use]
pub fn shown(signs: &Signs, question: Question) -> Vec<Choice> {
    const SELDOM: f64 = 0.015;
    let all = question.choices().len();
    let model = Model::built_in();
    let likely = |n: &usize| {
        question != Question::Log
            || *n == 0
            || *n + 1 == all
            || crate::rank::answered(model, signs, question, Choice(*n)) >= SELDOM
    };
    (0..all).filter(likely).map(Choice).collect()
}

/// The entropy that is left once a question is answered, on average.
fn expected(model: &Model, signs: &Signs, question: Question) -> f64 {
    let mut left = 0.0;
    for n in 0..question.choices().len() {
        let mut then = signs.clone();
        then.answers.push((question, Choice(n)));
        let share = crate::rank::answered(model, signs, question, Choice(n));
        left += share * entropy(&posterior(model, &then));
    }
    left
}

fn entropy(causes: &[Ranked]) -> f64 {
    causes
        .iter()
        .map(|c| c.probability)
        .filter(|p| *p > 0.0)
        .map(|p| -p * p.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, rank};

    #[test]
    fn an_answer_moves_its_causes_up() {
        let mut signs = Signs::at(Place::Query);
        let before = rank(&signs);
        signs.answers.push((Question::Rights, Choice(1)));
        let after = rank(&signs);
        let of = |l: &[Ranked]| {
            l.iter()
                .find(|c| c.id == "home-writable")
                .unwrap()
                .probability
        };
        assert!(of(&after) > 3.0 * of(&before));
        assert_eq!(after[0].id, "home-writable");
    }

    #[test]
    fn of_the_answers_about_the_log_few_are_shown() {
        let signs = Signs::at(Place::Query);
        let few = shown(&signs, Question::Log);
        let all = Question::Log.choices().len();
        assert!((4..=14).contains(&few.len()), "{}", few.len());
        assert_eq!(few.first(), Some(&Choice(0)));
        assert_eq!(few.last(), Some(&Choice(all - 1)));
        assert_eq!(shown(&signs, Question::Rights).len(), 10);
    }

    #[test]
    fn a_question_is_asked_once_and_where_the_step_says_all_none_is() {
        let mut signs = Signs::at(Place::Query);
        let mut asked = Vec::new();
        while let Some((question, bits)) = best(&signs, &[]) {
            assert!(bits > 0.0 && !asked.contains(&question));
            asked.push(question);
            signs.answers.push((question, question.ordinary()));
        }
        assert!(asked.len() >= 3, "{asked:?}");
        assert_eq!(best(&Signs::at(Place::Partial), &[]), None);
    }
}
