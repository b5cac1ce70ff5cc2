//! Confidence intervals, where values come in groups.

use std::collections::BTreeMap;

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95% confidence interval of the mean of values that belong to groups, such as slices to subjects.
///
/// Values of a group depend on each other, so the interval uses the cluster-robust standard error of the mean and
/// Student's t with one degree of freedom fewer than there are groups (Cameron and Miller 2015, "A practitioner's guide to
/// cluster-robust inference", section II). A value of no group counts as a group of its own. `None` for fewer than two
/// groups.
pub fn interval_by_group(values: &[(Option<u32>, f64)]) -> Option<[f64; 2]> {
    let count = values.len() as f64;
    let mean = values.iter().map(|(_, value)| value).sum::<f64>() / count;
    let mut grouped = BTreeMap::<u32, f64>::new();
    let mut squares = 0.0;
    let mut groups = 0;
    for &(group, value) in values {
        match group {
            Some(group) => *grouped.entry(group).or_default() += value - mean,
            None => {
                groups += 1;
                squares += (value - mean).powi(2);
            }
        }
    }
    groups += grouped.len();
    squares += grouped.values().map(|sum| sum.powi(2)).sum::<f64>();
    if groups < 2 {
        return None;
    }
    let free = groups as f64 - 1.0;
    let error = (groups as f64 / free * squares).sqrt() / count;
    let reach = student(free) * error;
    Some([mean - reach, mean + reach])
}

/// The 95% confidence interval of a statistic of items that belong to groups, such as slices to subjects: the jackknife
/// that leaves out one group after the other (Efron and Stein 1981, "The Jackknife Estimate of Variance"), with Student's
/// t with one degree of freedom fewer than there are groups. `statistic` is called with the indices of the items that are
/// left in. An item of no group counts as a group of its own. `None` for fewer than two groups, or where the statistic is
/// not finite.
pub fn jackknife_by_group(groups: &[Option<u32>], statistic: impl Fn(&[usize]) -> f64) -> Option<[f64; 2]> {
    let mut members = BTreeMap::<(Option<u32>, usize), Vec<usize>>::new();
    for (item, group) in groups.iter().enumerate() {
        let alone = if group.is_none() { item } else { 0 };
        members.entry((*group, alone)).or_default().push(item);
    }
    if members.len() < 2 {
        return None;
    }
    let all: Vec<usize> = (0..groups.len()).collect();
    let whole = statistic(&all);
    let without = |left_out: &Vec<usize>| {
        statistic(&all.iter().copied().filter(|item| left_out.binary_search(item).is_err()).collect::<Vec<_>>())
    };
    let parts: Vec<f64> = members.values().map(without).collect();
    let count = parts.len() as f64;
    let mean = parts.iter().sum::<f64>() / count;
    let squares: f64 = parts.iter().map(|part| (part - mean).powi(2)).sum();
    let reach = student(count - 1.0) * ((count - 1.0) / count * squares).sqrt();
    (whole.is_finite() && reach.is_finite()).then_some([whole - reach, whole + reach])
}

/// The 97.5th percentile of Student's t, by the expansion of Abramowitz and Stegun 1964, 26.7.5. The error is below 0.3%
/// for 5 or more degrees of freedom.
fn student(free: f64) -> f64 {
    let power = |exponent| Z.powi(exponent);
    let terms = [
        (power(3) + Z) / 4.0,
        (5.0 * power(5) + 16.0 * power(3) + 3.0 * Z) / 96.0,
        (3.0 * power(7) + 19.0 * power(5) + 17.0 * power(3) - 15.0 * Z) / 384.0,
        (79.0 * power(9) + 776.0 * power(7) + 1482.0 * power(5) - 1920.0 * power(3) - 945.0 * Z) / 92160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| (sum + term) / free) + Z
}
