//! Subjects to splits: seeded, and alike in dementia ratings.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::data::slice::Split;
use crate::random::mix;

/// How many subjects a split holds out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Held {
    /// A share of all, from 0 up to 1, rounded to nearest, and at least one subject where it is above 0.
    Share(f64),
    /// So many subjects.
    Subjects(usize),
}

impl Held {
    fn of(self, subjects: usize) -> usize {
        match self {
            Self::Share(share) if share > 0.0 => ((share * subjects as f64).round() as usize).max(1),
            Self::Share(_) => 0,
            Self::Subjects(count) => count,
        }
    }
}

impl FromStr for Held {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = || text.parse().ok().filter(|share| (0.0..1.0).contains(share)).map(Self::Share);
        let count = text.parse().ok().filter(|count| *count > 0).map(Self::Subjects);
        count
            .or_else(share)
            .ok_or_else(|| format!("found {text:?}, expected a share below 1 (0.1) or a number of subjects (18)"))
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => share.fmt(f),
            Self::Subjects(count) => count.fmt(f),
        }
    }
}

/// The split of each subject. Subjects are put in order of their class (the unknown last), and within it in the seed's; of
/// that order, every so-manieth is held out, so that each split has its part of every class.
///
/// The error tells that fewer than one would be left to train on.
pub(super) fn assign(
    subjects: &BTreeMap<String, Option<u8>>,
    validate: Held,
    test: Held,
    seed: u64,
) -> Result<BTreeMap<String, Split>, String> {
    let total = subjects.len();
    let (validate, test) = (validate.of(total), test.of(total));
    if validate + test >= total {
        return Err(format!(
            "{total} subjects are there, of which {validate} and {test} are held out, expected one to train on"
        ));
    }
    let rank =
        |subject: &str| subject.bytes().fold(mix(seed ^ 0x6f61_7369_7331), |state, byte| mix(state ^ u64::from(byte)));
    let mut order: Vec<&String> = subjects.keys().collect();
    order.sort_by_key(|subject| (subjects[*subject].map_or(u8::MAX, |class| class), rank(subject), (*subject).clone()));
    let mut splits: BTreeMap<String, Split> = order.iter().map(|subject| ((*subject).clone(), Split::Train)).collect();
    for (split, count) in [(Split::Test, test), (Split::Validate, validate)] {
        let left: Vec<&String> = order.iter().copied().filter(|subject| splits[*subject] == Split::Train).collect();
        for index in 0..count {
            // The middle of each of so many equal parts.
            splits.insert(left[(2 * index + 1) * left.len() / (2 * count)].clone(), split);
        }
    }
    Ok(splits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_has_its_part_of_every_class() {
        // As in OASIS-1: most without a rating or with 0, fewer with 0.5, few with 1 and more.
        let class = |index: usize| {
            [None, None, None, Some(0), Some(0), Some(0), Some(0), Some(1), Some(1), Some(2)][index % 10]
        };
        let subjects: BTreeMap<String, Option<u8>> =
            (0..200).map(|index| (format!("s{index:03}"), class(index))).collect();
        let split = |seed| assign(&subjects, Held::Share(0.1), Held::Subjects(30), seed).unwrap();
        let found = split(1);
        for (wanted, count) in [(Split::Test, 30), (Split::Validate, 20), (Split::Train, 150)] {
            let inside = |class: Option<u8>| {
                found.iter().filter(|(subject, split)| **split == wanted && subjects[*subject] == class).count()
            };
            let counts = [None, Some(0), Some(1), Some(2)].map(inside);
            assert_eq!(counts.iter().sum::<usize>(), count);
            for (part, share) in counts.iter().zip([0.3, 0.4, 0.2, 0.1]) {
                assert!((*part as f64 - share * count as f64).abs() <= 2.0, "{wanted}: {counts:?}");
            }
        }
        assert_eq!(split(1), found);
        assert_ne!(split(2), found);
        let few: BTreeMap<_, _> = subjects.into_iter().take(3).collect();
        let counts = |validate, test| {
            let found = assign(&few, validate, test, 1)?;
            Ok::<_, String>(Split::ALL.map(|wanted| found.values().filter(|split| **split == wanted).count()))
        };
        assert_eq!(counts(Held::Share(0.1), Held::Share(0.1)), Ok([1, 1, 1]));
        assert_eq!(counts(Held::Share(0.0), Held::Subjects(1)), Ok([2, 0, 1]));
        let why = "3 subjects are there, of which 1 and 2 are held out, expected one to train on";
        assert_eq!(counts(Held::Subjects(1), Held::Subjects(2)), Err(why.to_owned()));
        assert_eq!("18".parse(), Ok(Held::Subjects(18)));
        assert_eq!("0.25".parse(), Ok(Held::Share(0.25)));
        assert_eq!("0".parse(), Ok(Held::Share(0.0)));
        for wrong in ["", "-1", "1.5", "NaN", "x"] {
            assert!(wrong.parse::<Held>().is_err(), "{wrong}");
        }
    }
}
