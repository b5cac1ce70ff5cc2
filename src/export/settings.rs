//! The settings of an operation that may follow a dynamic axis, since its lowering compares them across recordings.

use burn::backend::ir::{
    BaseOperationIr, IrVisitorMut, ModuleOperationIr, NumericOperationIr, OperationIr, ScalarIr, TensorIr, TensorStatus,
};
use burn::backend::{Slice, TensorData};

use super::step::Step;

/// The operation without its shapes and without the settings that may follow a dynamic axis.
pub(crate) fn plain(op: &Step) -> Step {
    let mut op = op.clone();
    op.change_tensors(|tensor| {
        tensor.shape = vec![0; tensor.shape.num_dims()].into();
        tensor.status = TensorStatus::NotInit;
    });
    let Step::Burn(burn) = &mut op else {
        return op;
    };
    burn.visit_mut(&mut EachScalar(|scalar: &mut ScalarIr| *scalar = kind(*scalar)));
    match burn {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => match base {
            BaseOperationIr::Slice(slice) => slice.ranges.clear(),
            BaseOperationIr::SliceAssign(slice) => slice.ranges.clear(),
            BaseOperationIr::RepeatDim(repeat) => repeat.times = 0,
            _ => {}
        },
        OperationIr::NumericFloat(_, NumericOperationIr::Pad(pad))
        | OperationIr::NumericInt(_, NumericOperationIr::Pad(pad)) => pad.padding.fill((0, 0)),
        OperationIr::Module(module) => match module {
            ModuleOperationIr::Interpolate(resize) => resize.output_size = [0; 2],
            ModuleOperationIr::Conv1d(conv) => conv.options.padding = [(0, 0)],
            ModuleOperationIr::Conv2d(conv) => conv.options.padding = [(0, 0); 2],
            ModuleOperationIr::AdaptiveAvgPool1d(pool) => pool.output_size = 0,
            ModuleOperationIr::AdaptiveAvgPool2d(pool) => pool.output_size = [0; 2],
            ModuleOperationIr::AdaptiveAvgPool3d(pool) => pool.output_size = [0; 3],
            ModuleOperationIr::AvgPool1d(pool) => (pool.kernel_size, pool.stride) = (0, 0),
            ModuleOperationIr::AvgPool2d(pool) => (pool.kernel_size, pool.stride) = ([0; 2], [0; 2]),
            ModuleOperationIr::MaxPool1d(pool) => (pool.kernel_size, pool.stride) = (0, 0),
            ModuleOperationIr::MaxPool2d(pool) => (pool.kernel_size, pool.stride) = ([0; 2], [0; 2]),
            _ => {}
        },
        _ => {}
    }
    op
}

/// A number of the same kind as another.
fn kind(scalar: ScalarIr) -> ScalarIr {
    match scalar {
        ScalarIr::Float(_) => ScalarIr::Float(0.0),
        ScalarIr::Int(_) => ScalarIr::Int(0),
        ScalarIr::UInt(_) => ScalarIr::UInt(0),
        ScalarIr::Bool(value) => ScalarIr::Bool(value),
    }
}

/// The numbers among the settings, in the order of Burn's visitor.
pub(crate) fn scalars(op: &OperationIr) -> Vec<ScalarIr> {
    let mut scalars = Vec::new();
    op.clone().visit_mut(&mut EachScalar(|scalar: &mut ScalarIr| scalars.push(*scalar)));
    scalars
}

/// The whole numbers among the settings that [`plain`] takes away: as many for every recording of an operation.
pub(crate) fn integers(op: &OperationIr) -> Vec<i64> {
    let mut integers: Vec<i64> = match op {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => match base {
            BaseOperationIr::Slice(slice) => ends(&slice.ranges, &slice.tensor),
            BaseOperationIr::SliceAssign(slice) => ends(&slice.ranges, &slice.tensor),
            BaseOperationIr::RepeatDim(repeat) => vec![repeat.times as i64],
            _ => Vec::new(),
        },
        OperationIr::NumericFloat(_, NumericOperationIr::Pad(pad))
        | OperationIr::NumericInt(_, NumericOperationIr::Pad(pad)) => pairs(&pad.padding),
        OperationIr::Module(ModuleOperationIr::Conv1d(conv)) => pairs(&conv.options.padding),
        OperationIr::Module(ModuleOperationIr::Conv2d(conv)) => pairs(&conv.options.padding),
        _ => Vec::new(),
    };
    integers.extend(scalars(op).into_iter().map(|scalar| whole(scalar).unwrap_or(0)));
    integers
}

/// The number, where it is whole.
pub(crate) fn whole(scalar: ScalarIr) -> Option<i64> {
    match scalar {
        ScalarIr::Int(value) => Some(value),
        ScalarIr::UInt(value) => i64::try_from(value).ok(),
        ScalarIr::Float(value) => (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64),
        ScalarIr::Bool(_) => None,
    }
}

/// The position of a slice's bound, counted from the start of an axis of this length.
pub(crate) fn bound(value: Option<isize>, length: usize) -> i64 {
    let length = length as i64;
    let value = value.map_or(length, |value| value as i64);
    let value = if value < 0 { value + length } else { value };
    value.clamp(0, length)
}

/// The first of evenly spaced integers along one axis, and their step, where there are so many; none for other values.
pub(crate) fn progression(data: &TensorData) -> Option<(Option<i64>, Option<i64>)> {
    if data.dtype().is_float() || data.dtype().is_bool() || data.shape().iter().filter(|size| **size != 1).count() > 1 {
        return None;
    }
    let values: Vec<i64> = data.iter::<i64>().collect();
    let step = values.get(1).map(|second| second.wrapping_sub(values[0]));
    let even = values.windows(2).all(|pair| Some(pair[1].wrapping_sub(pair[0])) == step);
    even.then_some((values.first().copied(), step))
}

fn ends(ranges: &[Slice], tensor: &TensorIr) -> Vec<i64> {
    let lengths = tensor.shape.iter();
    ranges
        .iter()
        .zip(lengths)
        .flat_map(|(range, length)| [bound(Some(range.start), *length), bound(range.end, *length)])
        .collect()
}

fn pairs(pairs: &[(usize, usize)]) -> Vec<i64> {
    pairs.iter().flat_map(|(before, after)| [*before as i64, *after as i64]).collect()
}

/// Burn's visitor that calls a function on every number.
struct EachScalar<F>(F);

impl<F: FnMut(&mut ScalarIr)> IrVisitorMut for EachScalar<F> {
    fn visit_scalar_mut(&mut self, scalar: &mut ScalarIr) {
        (self.0)(scalar);
    }
}
