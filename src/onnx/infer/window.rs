//! Convolutions and pools.

use super::call::{Call, Made, Unclear, count, multiply, shown, too_large};
use super::num::Num;
use super::value::Value;

/// The settings of a window, with one entry for each spatial axis.
struct Window {
    kernel: Vec<i64>,
    strides: Vec<i64>,
    dilations: Vec<i64>,
    before: Vec<i64>,
    after: Vec<i64>,
    /// `auto_pad`.
    auto: Auto,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Auto {
    /// The padding is given.
    Off,
    /// There is none.
    Valid,
    /// The output is as large as the input over the stride.
    Same,
}

impl Window {
    fn new(call: &Call<'_>, kernel: Vec<i64>) -> Result<Self, Unclear> {
        let axes = kernel.len();
        if kernel.iter().any(|size| *size < 1) {
            return Err(format!("a window of {kernel:?}"));
        }
        let auto = match call.text("auto_pad", "NOTSET")? {
            "NOTSET" => Auto::Off,
            "VALID" => Auto::Valid,
            "SAME_UPPER" | "SAME_LOWER" => Auto::Same,
            other => return Err(format!("attribute `auto_pad` is `{other:.32}`")),
        };
        let mut before = call.per_axis("pads", 2 * axes, 0, 0)?;
        let after = before.split_off(axes);
        let [strides, dilations] = ["strides", "dilations"].map(|name| call.per_axis(name, axes, 1, 1));
        Ok(Self { strides: strides?, dilations: dilations?, kernel, before, after, auto })
    }

    /// How far a window reaches along an axis.
    fn extent(&self, axis: usize) -> Option<i64> {
        self.dilations[axis].checked_mul(self.kernel[axis] - 1)?.checked_add(1)
    }

    /// The spatial lengths of what is made, and those of what is read with its padding.
    fn places(&self, spatial: &[i64], ceil: bool) -> Option<(Vec<i64>, Vec<i64>)> {
        let one = |axis: usize| {
            let (size, stride, extent) = (spatial[axis], self.strides[axis], self.extent(axis)?);
            if self.auto == Auto::Same {
                let places = size.checked_add(stride - 1)? / stride;
                return Some((places, size.checked_add(extent)?));
            }
            let (before, after) = match self.auto {
                Auto::Off => (self.before[axis], self.after[axis]),
                _ => (0, 0),
            };
            let padded = size.checked_add(before)?.checked_add(after)?;
            let room = padded.checked_sub(extent).filter(|room| *room >= 0)?;
            let mut places = room / stride + 1;
            // A last window that hangs over the end counts where it begins within the input or its first padding.
            if ceil && room % stride != 0 && places.checked_mul(stride)? < size.checked_add(before)? {
                places += 1;
            }
            Some((places, padded.max(places.checked_sub(1)?.checked_mul(stride)?.checked_add(extent)?)))
        };
        (0..spatial.len()).map(one).collect::<Option<Vec<_>>>().map(|all| all.into_iter().unzip())
    }

    fn size(&self) -> Result<u64, Unclear> {
        product(&self.kernel)
    }
}

fn product(list: &[i64]) -> Result<u64, Unclear> {
    list.iter().try_fold(1_u64, |product, size| multiply(product, u64::try_from(*size).map_err(|_| too_large())?))
}

/// The batch, the channels and the spatial lengths of an image; only the first may depend on the batch.
fn image(dims: &[Num]) -> Result<(Num, i64, Vec<i64>), Unclear> {
    let fails = || format!("{} is no image", shown(dims));
    let (batch, rest) = dims.split_first().ok_or_else(fails)?;
    let rest: Vec<i64> = rest.iter().map(|dim| dim.known()).collect::<Option<_>>().ok_or_else(fails)?;
    let (channels, spatial) = rest.split_first().ok_or_else(fails)?;
    Ok((*batch, *channels, spatial.to_vec()))
}

fn made_of(batch: Num, channels: i64, spatial: &[i64]) -> Vec<Num> {
    [batch, Num::fixed(channels)].into_iter().chain(spatial.iter().copied().map(Num::fixed)).collect()
}

/// The kernel's first two sizes and those of its window, for an input of those channels.
fn kernel(call: &Call<'_>, axes: usize) -> Result<([i64; 2], Vec<i64>), Unclear> {
    let dims = call.dims(1)?;
    let known: Option<Vec<i64>> = dims.iter().map(|dim| dim.known()).collect();
    match known.as_deref() {
        Some([first, second, window @ ..]) if window.len() == axes => match call.ints("kernel_shape")? {
            Some(said) if said != window => Err(format!("a kernel of {window:?} that is said to be {said:.16?}")),
            _ => Ok(([*first, *second], window.to_vec())),
        },
        _ => Err(format!("a kernel of {} for {axes} spatial axes", shown(dims))),
    }
}

/// The number of groups, which divides the channels.
fn groups(call: &Call<'_>, channels: [i64; 2], inputs: i64) -> Result<i64, Unclear> {
    let group = call.int("group", 1)?;
    let [divided, within] = channels;
    match group >= 1 && divided % group == 0 && within.checked_mul(group) == Some(inputs) {
        true => Ok(group),
        false => Err(format!("{group} groups of a kernel of {channels:?} channels on {inputs}")),
    }
}

pub(super) fn conv(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let (batch, inputs, spatial) = image(dims)?;
    let ([outputs, within], window) = kernel(call, spatial.len())?;
    groups(call, [outputs, within], inputs)?;
    let window = Window::new(call, window)?;
    let fails = || format!("its window does not fit {}", shown(dims));
    let (places, padded) = window.places(&spatial, false).ok_or_else(fails)?;
    let made = made_of(batch, outputs, &places);
    let a_place = multiply(u64::try_from(within).map_err(|_| too_large())?, window.size()?)?;
    let work = multiply(count(&made)?, a_place)?;
    // An engine may pad the input, or write out the elements that each window reads.
    let unrolled = multiply(count(&made_of(batch, inputs, &places))?, window.size()?)?;
    let scratch = unrolled.max(count(&made_of(batch, inputs, &padded))?);
    Ok(Made { work, scratch, ..Made::shape(made) })
}

pub(super) fn conv_transpose(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let (batch, inputs, spatial) = image(dims)?;
    let ([from, within], window) = kernel(call, spatial.len())?;
    let group = call.int("group", 1)?;
    if from != inputs || group < 1 || from % group != 0 {
        return Err(format!("{group} groups of a kernel of {from} channels on {inputs}"));
    }
    let window = Window::new(call, window)?;
    if window.auto == Auto::Same || call.ints("output_shape")?.is_some() {
        return Err("its padding follows from the shape that it makes".to_owned());
    }
    let more = call.per_axis("output_padding", spatial.len(), 0, 0)?;
    let outputs = within.checked_mul(group).ok_or_else(too_large)?;
    let side = |axis: usize| {
        let between = spatial[axis].checked_sub(1)?.checked_mul(window.strides[axis])?;
        let whole = between.checked_add(window.extent(axis)?)?.checked_add(more[axis])?;
        let made = whole.checked_sub(window.before[axis])?.checked_sub(window.after[axis])?;
        (made >= 0).then_some((made, whole))
    };
    let sides: Option<Vec<_>> = (0..spatial.len()).map(side).collect();
    let sides = sides.ok_or_else(|| format!("its window does not fit {}", shown(dims)))?;
    let (places, whole): (Vec<_>, Vec<_>) = sides.into_iter().unzip();
    let made = made_of(batch, outputs, &places);
    let a_place = multiply(u64::try_from(within).map_err(|_| too_large())?, window.size()?)?;
    let work = multiply(count(dims)?, a_place)?;
    // An engine may write out what each element adds, or the output before its borders are cut.
    let spread = multiply(count(&made_of(batch, outputs, &spatial))?, window.size()?)?;
    let scratch = spread.max(count(&made_of(batch, outputs, &whole))?);
    Ok(Made { work, scratch, ..Made::shape(made) })
}

pub(super) fn pool(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let (batch, channels, spatial) = image(dims)?;
    let kernel = call.ints("kernel_shape")?.ok_or("it has no attribute `kernel_shape`")?.to_vec();
    if kernel.len() != spatial.len() {
        return Err(format!("a window of {kernel:.16?} on {}", shown(dims)));
    }
    let window = Window::new(call, kernel)?;
    let fails = || format!("its window does not fit {}", shown(dims));
    let (places, padded) = window.places(&spatial, call.int("ceil_mode", 0)? != 0).ok_or_else(fails)?;
    let value = Value::new(made_of(batch, channels, &places));
    let work = multiply(count(&value.dims)?, window.size()?)?;
    let scratch = count(&made_of(batch, channels, &padded))?;
    Ok(Made { outputs: vec![value.clone(), value], work, scratch })
}

/// One element a channel.
pub(super) fn global_pool(call: &Call<'_>) -> Result<Made, Unclear> {
    let (batch, channels, spatial) = image(call.dims(0)?)?;
    Ok(Made::shape(made_of(batch, channels, &vec![1; spatial.len()])))
}
