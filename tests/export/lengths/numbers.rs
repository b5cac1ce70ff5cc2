//! Numbers that follow a length: counts, means by hand, scales, bounds, fill values.

use burn::tensor::{Int, Tensor};

use super::{PICTURES, SEQUENCE, TIME};
use crate::common::{floats, ints};
use crate::lengths;

lengths! {
    mean_by_hand: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.sum_dim(1) / t as f32 };
    mean_of_all_by_hand: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); x.sum() / (b * t * c) as f32 };
    mean_by_reciprocal: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.sum_dim(1) * (1.0 / t as f64) };
    variance_of_time: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| x.var(1);
    variance_and_mean: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| x.var_mean(1).0;
    variance_by_hand: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; let m = x.clone().mean_dim(1); (x - m).square().sum_dim(1) / (t - 1) as f32 };
    covariance: TIME, floats([6, 3]) => |x: Tensor<2>| x.cov(0, 1);
    scale_by_root: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x * (1.0 / (t as f32).sqrt()) };
    scale_by_log: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x * (t as f32).ln() };
    clamp_to_last: SEQUENCE, ints([2, 12], 40) => |x: Tensor<2, Int>| { let t = x.dims()[1] as i64; x.clamp(0, t - 1) };
    clamp_below_half: SEQUENCE, ints([2, 12], 40) => |x: Tensor<2, Int>| { let t = x.dims()[1] as i64; x.clamp_max(t / 2) };
    before_last: SEQUENCE, ints([2, 12], 40) => |x: Tensor<2, Int>| { let t = x.dims()[1] as i64; x.lower_elem(t - 1) };
    wrap_around: SEQUENCE, ints([2, 12], 40) => |x: Tensor<2, Int>| { let t = x.dims()[1] as i64; x % t };
    positions_in_unit: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; let p = Tensor::<1, Int>::arange(0..t as i64, &x.device()).float() / (t - 1) as f32; x * p.reshape([1, -1, 1]) };
    positions_around_zero: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; let p = (Tensor::<1, Int>::arange(0..t as i64, &x.device()).float() + 0.5) * (2.0 / t as f64) - 1.0; x * p.reshape([1, -1, 1]) };
    fill_with_length: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); x.clone() + Tensor::full([b, t, c], t as f32, &x.device()) };
    mask_with_length: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; let m = x.clone().lower_elem(0.0); x.mask_fill(m, t as f32) };
    batch_mean: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let b = x.dims()[0]; x.sum_dim(0) / b as f32 };
    loss_by_count: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, _] = x.dims(); x.square().sum() * (1.0 / (b * t) as f64) };
    grid_coordinates: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); let d = x.device(); let y = (Tensor::<1, Int>::arange(0..h as i64, &d).float() / h as f32).reshape([1, 1, -1, 1]); let z = (Tensor::<1, Int>::arange(0..w as i64, &d).float() / w as f32).reshape([1, 1, 1, -1]); x + y * z };
    area: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [b, c, h, w] = x.dims(); x.reshape([b, c, h * w]).sum_dim(2) / (h * w) as f32 };
}
