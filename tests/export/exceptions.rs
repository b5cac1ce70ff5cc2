//! What an engine cannot run, and why. A test fails where an entry is no longer needed.

/// The test case, the engine, and the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("act_all_bf16", "tract", NO_BF16),
    ("act_gelu_bf16", "tract", NO_BF16),
    ("act_prelu_bf16", "tract", NO_BF16),
    ("attn_bf16", "tract", NO_BF16),
    ("attn_embedding_bf16", "tract", NO_BF16),
    ("base_cast_bf16", "tract", NO_BF16),
    ("conv_2d_bf16", "tract", NO_BF16),
    ("conv_transpose_2d_bf16", "tract", NO_BF16),
    ("float_bf16_arcs", "tract", NO_BF16),
    ("float_bf16_functions", "tract", NO_BF16),
    ("float_bf16_two", "tract", NO_BF16),
    ("float_cross_bf16", "tract", NO_BF16),
    ("float_into_int_from_bf16", "tract", NO_BF16),
    ("float_matmul_bf16", "tract", NO_BF16),
    ("num_brain_floats", "tract", NO_BF16),
    ("pool_bf16", "tract", NO_BF16),
    ("pool_grid_bf16", "tract", NO_BF16),
    ("pool_resized_bf16", "tract", NO_BF16),
    ("pool_unfold_bf16", "tract", NO_BF16),
    ("conv_2d_f64", "ort", NO_F64_KERNEL),
    ("float_f64_arcs", "ort", NO_F64_KERNEL),
    ("float_f64_atan2", "ort", NO_F64_KERNEL),
    ("pool_avg_f64", "ort", NO_F64_KERNEL),
    ("act_gelu_f64", "ort", NO_F64_KERNEL),
    ("float_f64_erf", "ort", NO_F64_KERNEL),
    ("act_all_f64", "tract", NO_F64_FUNCTION),
    ("act_gelu_f64", "tract", NO_F64_FUNCTION),
    ("float_f64_erf", "tract", NO_F64_FUNCTION),
    ("float_f64_functions", "tract", NO_F64_FUNCTION),
    ("int_matmul_wide", "tract", NO_I64_MATMUL),
    ("int_square_wide", "tract", NO_I64_SQUARE),
    ("width_i16", "tract", ROUNDED_SQUARE),
    ("width_32", "tract", OVERFLOW),
    ("width_64_sums", "tract", NARROW_SUM),
    ("width_default", "tract", OVERFLOW),
    ("width_made", "tract", OVERFLOW),
    ("width_module_i32", "tract", OVERFLOW),
    ("float_into_int_ends", "tract", SATURATES),
    ("float_into_int_from_f16", "tract", SATURATES),
    ("float_into_int_from_f64", "tract", SATURATES),
    ("float_into_narrow_ints", "tract", SATURATES),
    ("nn_lstm", "tract", LSTM_SIZES),
    ("nn_lstm_without_bias", "tract", LSTM_SIZES),
    ("nn_lstm_autodiff", "tract", LSTM_SIZES),
    ("nn_lstm_of_any_length", "tract", LSTM_SIZES),
    ("nn_lstm_without_bias_of_any_length", "tract", LSTM_SIZES),
    ("act_softmax_large", "tract", "tract's LogSoftmax gives infinity where the logits are hundreds apart"),
    ("int_opset_17", "tract", "tract takes the remainder of 2^63, which it holds as 0"),
    ("num_clamp_not_a_number", "tract", "tract's Min and Max give the number where one side is not one"),
    ("num_sort_small_ints", "tract", "tract casts u32 to i64 by way of symbolic sizes, which it cannot sort"),
];

const NO_BF16: &str = "tract has no bf16";
const NO_F64_KERNEL: &str = "ONNX Runtime's CPU provider has no kernel for f64; the model is valid ONNX";
const NO_F64_FUNCTION: &str = "tract has this function for f32 and f16 alone";
const NO_I64_MATMUL: &str = "tract multiplies no matrices of i64";
const NO_I64_SQUARE: &str = "tract makes x * x a square, which it has for floats alone";
const LSTM_SIZES: &str = "tract fails on an LSTM that starts from zeros and gives all states and the last cell state";
const ROUNDED_SQUARE: &str = "tract makes x * x a square of floats, which rounds integers beyond 2^24";
const NARROW_SUM: &str = "tract sums integers of every width in 32 bits";
const OVERFLOW: &str = "a tract that is built with overflow checks panics where a sum of integers overflows";
const SATURATES: &str = "floats beyond the range of an integer become other integers on tract";

/// Why an engine cannot run a case, where it cannot.
pub fn reason(case: &str, engine: &str) -> Option<&'static str> {
    let here = |reason: &&str| *reason != OVERFLOW || cfg!(debug_assertions);
    EXCEPTIONS.iter().find(|(name, of, _)| *name == case && *of == engine).map(|(_, _, reason)| *reason).filter(here)
}
