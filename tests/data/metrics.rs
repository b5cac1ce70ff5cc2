//! Code usage, summaries, intervals.

use ndarray::array;
use oasis::ErrorKind;
use oasis::metrics::{CodeUsage, Summary, interval_by_group, jackknife_by_group, percentile};

#[test]
fn code_usage_counts_and_measures() {
    let mut usage = CodeUsage::new(8);
    assert_eq!((usage.used(), usage.perplexity()), (0, 1.0));
    usage.add(&array![[0i64, 1], [2, 3]]).unwrap();
    assert_eq!((usage.codebook_size(), usage.used(), usage.perplexity()), (8, 4, 4.0));
    assert_eq!(usage.bits_per_image(32, 32), 3.0 * 1024.0);
    usage.add(&[7, 7, 7, 7]).unwrap();
    // An eighth four times, and a half: two bits.
    assert_eq!((usage.used(), usage.perplexity()), (5, 4.0));
}

#[test]
fn code_out_of_range_is_named() {
    for code in [-1i64, 8] {
        let error = CodeUsage::new(8).add(&[0, code]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert_eq!(error.subject().to_string(), code.to_string());
    }
}

#[test]
fn summaries() {
    assert_eq!(Summary::of(&[]), None);
    let summary = Summary::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_eq!((summary.mean, summary.min, summary.max), (2.5, 1.0, 4.0));
    assert!((summary.std - 1.25f64.sqrt()).abs() < 1e-15);
    assert!(Summary::of(&[1.0, f64::NAN]).unwrap().min.is_nan());
    assert_eq!(percentile(&[4.0, 1.0, 3.0, 2.0], 50.0), Some(2.5));
    assert_eq!(percentile(&[4.0, 1.0, 3.0, 2.0], 90.0), Some(3.7));
    assert_eq!(percentile(&[], 50.0), None);
}

#[test]
fn an_interval_counts_groups_and_not_values() {
    // statsmodels 0.15: OLS on a constant, cov_type="cluster", use_t=True.
    let values =
        [(1, 0.9), (1, 0.92), (2, 0.95), (2, 0.93), (3, 0.91), (3, 0.97), (4, 0.88), (4, 0.9), (5, 0.94), (6, 0.96)];
    let grouped: Vec<_> = values.iter().map(|&(group, value)| (Some(group), value)).collect();
    let [low, high] = interval_by_group(&grouped).unwrap();
    assert!((low - 0.899_096).abs() < 1e-4 && (high - 0.952_904).abs() < 1e-4, "{low} {high}");
    let twice: Vec<_> = grouped.iter().chain(&grouped).copied().collect();
    let again = interval_by_group(&twice).unwrap();
    assert!((again[0] - low).abs() < 1e-12 && (again[1] - high).abs() < 1e-12, "copies tell nothing new");
    let single: Vec<_> = values.iter().map(|&(_, value)| (None, value)).collect();
    assert!(interval_by_group(&single).is_some());
    assert_eq!(interval_by_group(&grouped[..2]), None);
    assert_eq!(interval_by_group(&[]), None);
}

#[test]
fn the_jackknife_of_a_mean_of_groups_of_one_size_is_its_interval() {
    let values = [0.9, 0.92, 0.95, 0.93, 0.91, 0.97, 0.88, 0.9, 0.94, 0.96];
    let groups: Vec<Option<u32>> = (0..10).map(|at| Some(at / 2)).collect();
    let mean = |kept: &[usize]| kept.iter().map(|at| values[*at]).sum::<f64>() / kept.len() as f64;
    let grouped: Vec<_> = groups.iter().copied().zip(values).collect();
    let (expected, found) = (interval_by_group(&grouped).unwrap(), jackknife_by_group(&groups, mean).unwrap());
    assert!((expected[0] - found[0]).abs() < 1e-12 && (expected[1] - found[1]).abs() < 1e-12, "{expected:?} {found:?}");
    let alone: Vec<_> = values.iter().map(|value| (None, *value)).collect();
    let (expected, found) = (interval_by_group(&alone).unwrap(), jackknife_by_group(&[None; 10], mean).unwrap());
    assert!((expected[0] - found[0]).abs() < 1e-12, "{expected:?} {found:?}");
    assert_eq!(jackknife_by_group(&groups[..2], mean), None);
    assert_eq!(jackknife_by_group(&groups, |_| f64::NAN), None);
}
