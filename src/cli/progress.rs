//! Progress: a bar on a terminal, a line each quarter elsewhere.

use std::ops::ControlFlow;

use indicatif::ProgressBar;
use oasis::runtime::Progress;

use super::context::Context;

/// Which quarters of some work are done.
#[derive(Debug, Default)]
pub struct Quarters {
    passed: usize,
}

impl Quarters {
    /// Whether `done` of `total` completes another quarter.
    pub fn pass(&mut self, done: usize, total: usize) -> bool {
        let quarter = 4 * done / total.max(1);
        let passed = quarter > self.passed;
        self.passed = quarter.max(self.passed);
        passed
    }
}

/// Moves the bar as inputs are done; where it is hidden, prints a line each quarter of more than a hundred inputs.
pub fn inputs<'a>(context: &'a Context, bar: &'a ProgressBar, total: usize) -> impl FnMut(usize) + 'a {
    let mut quarters = Quarters::default();
    move |done| {
        bar.set_position(done as u64);
        if bar.is_hidden() && total > 100 && quarters.pass(done, total) {
            context.say(format!("{done}/{total}"));
        }
    }
}

/// Moves the bar as rows are sampled; where it is hidden, prints a line each quarter.
pub fn rows<'a>(context: &'a Context, bar: &'a ProgressBar) -> impl FnMut(Progress) -> ControlFlow<()> + 'a {
    let mut quarters = Quarters::default();
    move |Progress { rows_done, rows, .. }| {
        bar.set_length(rows as u64);
        bar.set_position(rows_done as u64);
        if bar.is_hidden() && quarters.pass(rows_done, rows) {
            context.say(format!("sampled {rows_done}/{rows} rows"));
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_quarter_is_told_once() {
        let mut quarters = Quarters::default();
        let told: Vec<usize> = (0..=10).filter(|done| quarters.pass(*done, 10)).collect();
        assert_eq!(told, [3, 5, 8, 10]);
        assert!(!quarters.pass(10, 10));
        assert!(!Quarters::default().pass(0, 0));
    }
}
