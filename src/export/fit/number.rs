//! Numbers that are not whole, as functions of a length.

use super::term::Term;
use crate::export::formula::Formula;

/// How far a number may be from the function, as a part of it: what is left of it in 32 bits.
const CLOSE: f64 = 4e-7;

/// A function of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Same,
    Reciprocal,
    Root,
    ReciprocalRoot,
    Logarithm,
}

/// `scale * function(of) + offset`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Number {
    pub scale: f64,
    pub function: Function,
    pub of: Formula,
    pub offset: f64,
}

impl Function {
    const ALL: [Self; 5] = [Self::Same, Self::Reciprocal, Self::Root, Self::ReciprocalRoot, Self::Logarithm];

    fn at(self, x: f64) -> f64 {
        match self {
            Self::Same => x,
            Self::Reciprocal => 1.0 / x,
            Self::Root => x.sqrt(),
            Self::ReciprocalRoot => 1.0 / x.sqrt(),
            Self::Logarithm => x.ln(),
        }
    }
}

impl Number {
    /// The number at the given lengths of the symbols.
    pub fn at(&self, sizes: &[usize]) -> Option<f64> {
        Some(self.scale * self.function.at(self.of.at(sizes)? as f64) + self.offset)
    }

    pub fn text(&self, formula: impl Fn(&Formula) -> String) -> String {
        let of = formula(&self.of);
        let function = match self.function {
            Function::Same => format!("({of})"),
            Function::Reciprocal => format!("1/({of})"),
            Function::Root => format!("sqrt({of})"),
            Function::ReciprocalRoot => format!("1/sqrt({of})"),
            Function::Logarithm => format!("ln({of})"),
        };
        format!("{}*{function}+{}", self.scale, self.offset)
    }
}

/// Every `scale * function(term) + offset` that gives `y` in every recording.
pub(crate) fn numbers(y: &[f64], terms: &[Term]) -> Vec<Number> {
    let mut found = Vec::new();
    for term in terms {
        for function in Function::ALL {
            let x: Vec<f64> = term.values.iter().map(|value| function.at(*value as f64)).collect();
            if x.iter().any(|value| !value.is_finite()) {
                continue;
            }
            let fit = scaled(y, &x).map(|scale| (scale, 0.0)).or_else(|| line(y, &x));
            if let Some((scale, offset)) = fit {
                found.push(Number { scale, function, of: term.formula.clone(), offset });
            }
        }
    }
    found
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= CLOSE * a.abs().max(b.abs())
}

fn scaled(y: &[f64], x: &[f64]) -> Option<f64> {
    let scale = snapped(y[0] / x[0]);
    y.iter().zip(x).all(|(y, x)| close(scale * x, *y)).then_some(scale)
}

fn line(y: &[f64], x: &[f64]) -> Option<(f64, f64)> {
    let low = (0..x.len()).min_by(|a, b| x[*a].total_cmp(&x[*b]))?;
    let high = (0..x.len()).max_by(|a, b| x[*a].total_cmp(&x[*b]))?;
    let scale = snapped((y[high] - y[low]) / (x[high] - x[low]));
    let offset = snapped(y[low] - scale * x[low]);
    let fits = scale.is_finite() && scale != 0.0 && offset.is_finite();
    // The offset must not hide what the function gives.
    let size = |x: f64| (scale * x).abs().max(offset.abs());
    let holds = y.iter().zip(x).all(|(y, x)| (scale * x + offset - y).abs() <= CLOSE * size(*x));
    (fits && holds).then_some((scale, offset))
}

/// The nearest multiple of 1/64 where it is close.
fn snapped(value: f64) -> f64 {
    let near = (value * 64.0).round() / 64.0;
    if close(near, value) { near } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions_of_a_length() {
        let lengths: [i64; 6] = [12, 14, 25, 131, 6, 5];
        let terms: Vec<Term> = [0, -1]
            .map(|by| Term {
                formula: Formula::Symbol(0).plus(Formula::Number(by)),
                values: lengths.iter().map(|value| value + by).collect(),
            })
            .to_vec();
        let text = |y: &dyn Fn(f64) -> f64| {
            let y: Vec<f64> = lengths.iter().map(|length| y(*length as f64)).collect();
            numbers(&y, &terms).iter().map(|n| n.text(|f| f.text(&["t"]))).collect::<Vec<_>>()
        };
        assert_eq!(text(&|t| 1.0 / t), ["1*1/(t)+0"]);
        assert_eq!(text(&|t| f64::from(1.0 / (t as f32).sqrt())), ["1*1/sqrt(t)+0"]);
        assert_eq!(text(&|t| 2.0 / (t - 1.0)), ["2*1/(t-1)+0"]);
        assert_eq!(text(&|t| 1.0 - 1.0 / t), ["-1*1/(t)+1"]);
        assert_eq!(text(&|t| 1.0 / (t * t)), [] as [&str; 0]);
    }
}
