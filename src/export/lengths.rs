//! How a dimension depends on the dynamic axes, found from its lengths in several recordings.

use std::collections::BTreeSet;

use crate::onnx::Dim;

/// A dimension's length in every trace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lengths(pub Vec<usize>);

impl Lengths {
    /// The length, where it is the same in every trace.
    pub fn fixed(&self) -> Option<usize> {
        let first = *self.0.first()?;
        self.0.iter().all(|size| *size == first).then_some(first)
    }
}

/// A dynamic axis's name, and its length in every trace.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    pub name: String,
    pub sizes: Vec<usize>,
}

/// A dimension's length as a formula of the dynamic axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    Fixed(usize),
    /// `scale * symbol + offset`
    Affine {
        symbol: usize,
        scale: i64,
        offset: i64,
    },
    /// `scale * product of symbols`
    Product {
        scale: i64,
        symbols: Vec<usize>,
    },
    /// Depends on the dynamic axes by none of these formulas.
    Opaque,
}

/// The formula that gives the dimension's length in every trace.
pub(crate) fn express(lengths: &Lengths, symbols: &[Symbol]) -> Expr {
    if let Some(size) = lengths.fixed() {
        return Expr::Fixed(size);
    }
    for (index, symbol) in symbols.iter().enumerate() {
        if let Some(expr) = affine(lengths, index, symbol) {
            return expr;
        }
    }
    for i in 0..symbols.len() {
        for j in i..symbols.len() {
            if let Some(scale) = multiple(lengths, &[&symbols[i], &symbols[j]]) {
                return Expr::Product { scale, symbols: vec![i, j] };
            }
        }
    }
    Expr::Opaque
}

/// `scale * symbol + offset`, where that holds in every trace.
fn affine(lengths: &Lengths, index: usize, symbol: &Symbol) -> Option<Expr> {
    let points: Vec<(i64, i64)> = symbol.sizes.iter().zip(&lengths.0).map(|(x, y)| (*x as i64, *y as i64)).collect();
    let (x0, y0) = *points.first()?;
    let (x1, y1) = *points.iter().find(|(x, _)| *x != x0)?;
    if (y1 - y0) % (x1 - x0) != 0 {
        return None;
    }
    let scale = (y1 - y0) / (x1 - x0);
    let offset = y0 - scale * x0;
    let holds = points.iter().all(|(x, y)| *y == scale * x + offset);
    // There is a line through any two points, so two alone prove little.
    let distinct = points.iter().map(|(x, _)| x).collect::<BTreeSet<_>>().len();
    let trusted = distinct > 2 || offset == 0 || scale == 1;
    (holds && trusted && scale != 0).then_some(Expr::Affine { symbol: index, scale, offset })
}

/// The whole number that, times the product of the symbols, gives the length in every trace.
fn multiple(lengths: &Lengths, factors: &[&Symbol]) -> Option<i64> {
    let mut scale = None;
    for (trace, size) in lengths.0.iter().enumerate() {
        let product: usize = factors.iter().map(|symbol| symbol.sizes[trace]).product();
        if product == 0 || size % product != 0 {
            return None;
        }
        let here = size / product;
        if *scale.get_or_insert(here) != here {
            return None;
        }
    }
    scale.map(|scale| scale as i64)
}

/// The dimension as a model declares it: a number, or a name that is a symbol or the text of a formula.
pub(crate) fn declared(lengths: &Lengths, symbols: &[Symbol]) -> Dim {
    match express(lengths, symbols) {
        Expr::Fixed(size) => Dim::Fixed(size),
        Expr::Affine { symbol, scale, offset } => {
            let name = &symbols[symbol].name;
            let scaled = match scale {
                1 => name.clone(),
                _ => format!("{scale}*{name}"),
            };
            Dim::Symbol(match offset {
                0 => scaled,
                1.. => format!("{scaled}+{offset}"),
                _ => format!("{scaled}{offset}"),
            })
        }
        Expr::Product { scale, symbols: of } => {
            let names: Vec<&str> = of.iter().map(|i| symbols[*i].name.as_str()).collect();
            let names = names.join("*");
            Dim::Symbol(match scale {
                1 => names,
                _ => format!("{scale}*{names}"),
            })
        }
        Expr::Opaque => {
            let sizes: Vec<String> = lengths.0.iter().map(ToString::to_string).collect();
            Dim::Symbol(format!("dim_{}", sizes.join("_")))
        }
    }
}

/// The lengths that the symbols have in each trace: a base, then one trace for each symbol with that one changed, then
/// one with all of them changed.
///
/// `first` holds each symbol's length in the sample and whether it may take any length, as a batch may. `taken` holds
/// the lengths of all other dimensions. Neither these nor 1 are chosen: one could not tell where such a length comes
/// from.
pub(crate) fn plan(first: &[(usize, bool)], taken: &[usize]) -> Vec<Vec<usize>> {
    const FREE: [usize; 12] = [2, 5, 3, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    let mut free = FREE.iter().copied().chain(41..).filter(|size| !taken.contains(size));
    let choices: Vec<[usize; 3]> = first
        .iter()
        .map(|(size, any)| {
            if *any || *size < 2 {
                [(); 3].map(|()| free.next().unwrap_or(usize::MAX))
            } else {
                [*size, 2 * size, 3 * size]
            }
        })
        .collect();
    if choices.is_empty() {
        return vec![Vec::new()];
    }
    let base: Vec<usize> = choices.iter().map(|c| c[0]).collect();
    let mut traces = vec![base.clone()];
    for (index, choice) in choices.iter().enumerate() {
        let mut sizes = base.clone();
        sizes[index] = choice[1];
        traces.push(sizes);
    }
    traces.push(choices.iter().map(|c| c[2]).collect());
    traces
}

/// The lengths of one more trace, in which the axes that are recorded at multiples of their length in the sample have
/// an odd one; nothing where there are no such axes.
pub(crate) fn odd(base: &[usize], first: &[(usize, bool)]) -> Option<Vec<usize>> {
    let by_multiples = |(size, any): &(usize, bool)| !any && *size > 1;
    let length = |(base, axis): (&usize, &(usize, bool))| if by_multiples(axis) { 2 * axis.0 + 1 } else { *base };
    first.iter().any(by_multiples).then(|| base.iter().zip(first).map(length).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Vec<Symbol> {
        vec![Symbol { name: "batch".into(), sizes: vec![2, 5, 3] }]
    }

    #[test]
    fn explains_dimensions_by_the_batch() {
        let text = |sizes: &[usize]| declared(&Lengths(sizes.to_vec()), &batch()).to_string();
        assert_eq!(text(&[4, 4, 4]), "4");
        assert_eq!(text(&[2, 5, 3]), "batch");
        assert_eq!(text(&[9, 21, 13]), "4*batch+1");
        assert_eq!(text(&[4, 25, 9]), "batch*batch");
        assert_eq!(text(&[1, 3, 2]), "dim_1_3_2");
        let two = [Symbol { name: "time".into(), sizes: vec![4, 8] }];
        assert_eq!(declared(&Lengths(vec![9, 49]), &two).to_string(), "dim_9_49");
    }

    #[test]
    fn plans_lengths_that_no_other_dimension_has() {
        assert_eq!(plan(&[(1, true)], &[2, 64]), [[5], [3], [7]]);
        assert_eq!(plan(&[], &[]), [[0; 0]]);
        assert_eq!(plan(&[(4, true), (16, false)], &[1]), [[2, 16], [5, 16], [2, 32], [3, 48]]);
        assert_eq!(odd(&[2, 16], &[(4, true), (16, false)]), Some(vec![2, 33]));
        assert_eq!(odd(&[2], &[(4, true)]), None);
        let many = plan(&[(1, true); 6], &[]);
        assert!((0..6).all(|axis| many.iter().any(|sizes| sizes[axis] != many[0][axis])), "{many:?}");
    }
}
