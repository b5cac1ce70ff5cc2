//! Every formula that people write is found, and no other, by recordings at the lengths that tell formulas apart.

use std::collections::BTreeSet;

use super::Formulas;
use crate::export::limits::{Limits, Symbol};
use crate::export::plan::{lengths, recording, recordings};

/// How many recordings more than planned any of the formulas may need.
const MORE: usize = 12;

type Function = fn(&[i64]) -> i64;

/// The formula that is found for a function of the lengths of some axes, given by their names and lengths in the sample,
/// among other functions of them.
fn found(axes: &[(&str, usize)], functions: &[Function]) -> Vec<String> {
    let all: Vec<Vec<usize>> =
        axes.iter().map(|(name, size)| lengths(*size, *name == "b", Limits::default(), &[])).collect();
    let mut sizes: Vec<Vec<usize>> = (0..=recordings(axes.len())).map(|number| recording(number, &all)).collect();
    for _ in 0..=MORE {
        let symbols: Vec<Symbol> = axes
            .iter()
            .enumerate()
            .map(|(index, (name, _))| Symbol {
                name: (*name).to_owned(),
                sizes: sizes.iter().map(|sizes| sizes[index]).collect(),
                limits: Limits::default(),
            })
            .collect();
        let values = |function: &Function| -> Vec<i64> {
            sizes.iter().map(|sizes| function(&sizes.iter().map(|size| *size as i64).collect::<Vec<_>>())).collect()
        };
        let numbers: BTreeSet<Vec<i64>> = functions.iter().map(values).collect();
        let formulas = Formulas::find(&symbols, numbers);
        if let Some((next, _)) = formulas.in_doubt(&|_| false) {
            sizes.push(next);
            continue;
        }
        let text = |function: &Function| match formulas.of(&values(function)) {
            Ok(Some(formula)) => formulas.text(&formula),
            Ok(None) => "none".to_owned(),
            Err(_) => "in doubt".to_owned(),
        };
        return functions.iter().map(text).collect();
    }
    panic!("more than {MORE} recordings do not tell the formulas apart")
}

#[test]
fn one_axis() {
    let functions: [(Function, &str); 20] = [
        (|t| t[0], "t"),
        (|t| 2 * t[0] - 1, "2*t-1"),
        (|t| t[0] * t[0], "t*t"),
        (|t| t[0] * (t[0] + 1), "t+t*t"),
        (|t| t[0] / 2, "floor(t/2)"),
        (|t| (t[0] + 1) / 2, "ceil(t/2)"),
        (|t| t[0] / 3 * 2, "2*floor(t/3)"),
        (|t| t[0] % 8, "t-8*floor(t/8)"),
        (|t| (t[0] + 7) / 8 * 8, "8*ceil(t/8)"),
        (|t| (t[0] + 7) / 8 * 8 - t[0], "8*ceil(t/8)-t"),
        (|t| (t[0] + 6 - 7) / 2 + 1, "ceil(t/2)"),
        (|t| (t[0] + 63) / 64, "ceil(t/64)"),
        (|t| t[0] - t[0] / 2, "ceil(t/2)"),
        (|t| t[0] / 2 / 2 / 2 / 2 / 2, "floor(t/32)"),
        (|t| 3 * t[0] / 2, "floor(t/2)+t"),
        (|t| t[0].min(16), "min(t, 16)"),
        (|t| (t[0] - 16).max(0), "max(t-16, 0)"),
        (|t| t[0] * t[0] / 2, "floor(t*t/2)"),
        (|t| t[0] / 2 - t[0] / 4 * 2, "floor(t/2)-2*floor(t/4)"),
        (|t| t[0] ^ 5, "none"),
    ];
    for (function, text) in functions {
        // Quarters occur in the forward pass that the difference between two levels comes from.
        let all: [Function; 3] = [function, |t| t[0] / 2, |t| t[0] / 4];
        for size in [12, 33] {
            assert_eq!(found(&[("t", size)], &all)[0], text, "{size}");
        }
    }
}

#[test]
fn several_axes() {
    let functions: [(Function, &str); 9] = [
        (|s| s[0] * s[1], "b*t"),
        (|s| 2 * s[0] * s[1] + s[0], "b+2*b*t"),
        (|s| s[0] * (s[1] / 2), "b*floor(t/2)"),
        (|s| s[0] * s[1] / 2, "floor(b*t/2)"),
        (|s| s[1] + s[2], "t+u"),
        (|s| s[1] * s[2] + 1, "t*u+1"),
        (|s| (s[1] / 4) * (s[2] / 4), "floor(t/4)*floor(u/4)"),
        (|s| s[1].max(s[2]), "max(t, u)"),
        (|s| s[0] * s[1] * s[2], "b*t*u"),
    ];
    for (function, text) in functions {
        let all: [Function; 3] = [function, |s| s[1] / 4, |s| s[2] / 4];
        assert_eq!(found(&[("b", 2), ("t", 16), ("u", 12)], &all)[0], text);
    }
}
