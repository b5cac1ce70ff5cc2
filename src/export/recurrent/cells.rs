//! What Burn records for one step of each recurrent cell that ONNX has.

use burn::backend::ir::{
    ActivationOperationIr, BaseOperationIr, FloatOperationIr, ModuleOperationIr, NumericOperationIr, OperationIr,
};

use crate::export::step::CellKind;

/// A recurrent cell: the operations of one step, and which tensors in them are its weights.
///
/// Tensors are named by slots. A slot that starts with a capital letter holds one tensor in all steps. The steps hand
/// on `h` (hidden state), `c` (cell state) and `out` (all hidden states so far): what one step writes to `h'`, `c'` and
/// `out'` is what the next one reads. All other slots live within a few operations of one step.
#[derive(Debug)]
pub(super) struct Cell {
    pub kind: CellKind,
    /// The slots of the states, hidden then cell.
    pub states: &'static [&'static str],
    pub input_weights: &'static [&'static str],
    pub state_weights: &'static [&'static str],
    pub input_biases: &'static [&'static str],
    pub state_biases: &'static [&'static str],
    step: &'static [&'static [Line]],
}

/// One operation of a step: the slots that it reads, and the slot that it writes.
#[derive(Debug)]
pub(super) struct Line {
    pub op: Op,
    pub reads: &'static [&'static str],
    pub writes: &'static str,
}

/// The kinds of operation that cells consist of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Add,
    /// Adds the number 1.
    AddOne,
    Linear,
    Matmul,
    Mul,
    Neg,
    Reshape,
    Sigmoid,
    Slice,
    SliceAssign,
    Tanh,
}

impl Cell {
    /// The operations of one step, in order.
    pub fn lines(&self) -> impl Iterator<Item = &'static Line> {
        self.step.iter().copied().flatten()
    }
}

impl Op {
    /// Whether a recorded operation is of this kind.
    pub fn is(self, op: &OperationIr) -> bool {
        use OperationIr::{Activation, BaseFloat, Float, Module, NumericFloat};
        match (self, op) {
            (Self::Add, NumericFloat(_, NumericOperationIr::Add(_)))
            | (Self::Linear, Module(ModuleOperationIr::Linear(_)))
            | (Self::Matmul, Float(_, FloatOperationIr::Matmul(_)))
            | (Self::Mul, NumericFloat(_, NumericOperationIr::Mul(_)))
            | (Self::Neg, NumericFloat(_, NumericOperationIr::Neg(_)))
            | (Self::Reshape, BaseFloat(BaseOperationIr::Reshape(_)))
            | (Self::Sigmoid, Activation(ActivationOperationIr::Sigmoid(_)))
            | (Self::Slice, BaseFloat(BaseOperationIr::Slice(_)))
            | (Self::SliceAssign, BaseFloat(BaseOperationIr::SliceAssign(_)))
            | (Self::Tanh, Float(_, FloatOperationIr::Tanh(_))) => true,
            (Self::AddOne, NumericFloat(_, NumericOperationIr::AddScalar(op))) => op.rhs.elem::<f64>() == 1.0,
            _ => false,
        }
    }
}

/// `[Op read read => written; ...]`
macro_rules! lines {
    ($($op:ident $($read:literal)+ => $written:literal;)*) => {
        &[$(Line { op: Op::$op, reads: &[$($read),+], writes: $written }),*]
    };
}

/// Products of the input and the state with their weights, each with its bias added, where Burn records linear layers.
macro_rules! linear_sums {
    ($w:literal $u:literal $b:literal $d:literal) => {
        lines! { Linear "x" $w $b => "from x"; Linear "h" $u $d => "from h"; }
    };
}

/// The same of a state in the slot `$h`, where Burn records products and additions of reshaped biases.
macro_rules! biased_sums {
    ($h:literal $w:literal $u:literal $b:literal $d:literal) => {
        lines! {
            Matmul "x" $w => "x product"; Matmul $h $u => "h product";
            Reshape $b => "bias"; Add "x product" "bias" => "from x";
            Reshape $d => "bias"; Add "h product" "bias" => "from h";
        }
    };
}

/// The same without biases.
macro_rules! products {
    ($h:literal $w:literal $u:literal) => {
        lines! { Matmul "x" $w => "from x"; Matmul $h $u => "from h"; }
    };
}

/// A function of the sum of what comes from the input and from the state.
macro_rules! gate {
    ($function:ident $gate:literal) => {
        lines! { Add "from x" "from h" => "sum"; $function "sum" => $gate; }
    };
}

const READ: &[Line] = lines! { Slice "SEQUENCE" => "slice"; Reshape "slice" => "x"; };
const STORE: &[Line] = lines! { Reshape "h'" => "row"; SliceAssign "out" "row" => "out'"; };

const LSTM_STATES: &[Line] = lines! {
    Mul "f" "c" => "kept"; Mul "i" "g" => "new"; Add "kept" "new" => "c'";
    Tanh "c'" => "bounded"; Mul "o" "bounded" => "h'";
};

/// The state is reset after its product.
const RESET_AFTER: &[Line] = lines! { Mul "r" "from h" => "reset"; Add "from x" "reset" => "sum"; Tanh "sum" => "n"; };

/// The state is reset before its product.
const RESET_BEFORE: &[Line] = lines! { Mul "h" "r" => "reset"; };

const GRU_STATE: &[Line] = lines! {
    Neg "z" => "minus z"; AddOne "minus z" => "rest"; Mul "n" "rest" => "new"; Mul "z" "h" => "kept";
    Add "new" "kept" => "h'";
};

/// A cell with biases, and the same cell without.
macro_rules! pair {
    ($kind:ident $states:tt $w:tt $u:tt $b:tt $d:tt biased $with:tt plain $without:tt) => {
        [
            Cell {
                kind: CellKind::$kind,
                states: &$states,
                input_weights: &$w,
                state_weights: &$u,
                input_biases: &$b,
                state_biases: &$d,
                step: &$with,
            },
            Cell {
                kind: CellKind::$kind,
                states: &$states,
                input_weights: &$w,
                state_weights: &$u,
                input_biases: &[],
                state_biases: &[],
                step: &$without,
            },
        ]
    };
}

/// Every cell, in groups of one with biases and one without.
pub(super) static CELLS: [[Cell; 2]; 4] = [
    pair! {
        Lstm ["h", "c"]
        ["Wi", "Wo", "Wf", "Wc"] ["Ui", "Uo", "Uf", "Uc"] ["Bi", "Bo", "Bf", "Bc"] ["Di", "Do", "Df", "Dc"]
        biased [
            READ,
            linear_sums!("Wi" "Ui" "Bi" "Di"), gate!(Sigmoid "i"),
            linear_sums!("Wf" "Uf" "Bf" "Df"), gate!(Sigmoid "f"),
            linear_sums!("Wo" "Uo" "Bo" "Do"), gate!(Sigmoid "o"),
            linear_sums!("Wc" "Uc" "Bc" "Dc"), gate!(Tanh "g"),
            LSTM_STATES, STORE
        ]
        plain [
            READ,
            products!("h" "Wi" "Ui"), gate!(Sigmoid "i"),
            products!("h" "Wf" "Uf"), gate!(Sigmoid "f"),
            products!("h" "Wo" "Uo"), gate!(Sigmoid "o"),
            products!("h" "Wc" "Uc"), gate!(Tanh "g"),
            LSTM_STATES, STORE
        ]
    },
    pair! {
        Rnn ["h"] ["Wi"] ["Ui"] ["Bi"] ["Di"]
        biased [READ, linear_sums!("Wi" "Ui" "Bi" "Di"), gate!(Tanh "h'"), STORE]
        plain [READ, products!("h" "Wi" "Ui"), gate!(Tanh "h'"), STORE]
    },
    pair! {
        GruResetAfter ["h"] ["Wz", "Wr", "Wn"] ["Uz", "Ur", "Un"] ["Bz", "Br", "Bn"] ["Dz", "Dr", "Dn"]
        biased [
            READ,
            biased_sums!("h" "Wz" "Uz" "Bz" "Dz"), gate!(Sigmoid "z"),
            biased_sums!("h" "Wr" "Ur" "Br" "Dr"), gate!(Sigmoid "r"),
            biased_sums!("h" "Wn" "Un" "Bn" "Dn"), RESET_AFTER,
            GRU_STATE, STORE
        ]
        plain [
            READ,
            products!("h" "Wz" "Uz"), gate!(Sigmoid "z"),
            products!("h" "Wr" "Ur"), gate!(Sigmoid "r"),
            products!("h" "Wn" "Un"), RESET_AFTER,
            GRU_STATE, STORE
        ]
    },
    pair! {
        GruResetBefore ["h"] ["Wz", "Wr", "Wn"] ["Uz", "Ur", "Un"] ["Bz", "Br", "Bn"] ["Dz", "Dr", "Dn"]
        biased [
            READ,
            biased_sums!("h" "Wz" "Uz" "Bz" "Dz"), gate!(Sigmoid "z"),
            biased_sums!("h" "Wr" "Ur" "Br" "Dr"), gate!(Sigmoid "r"),
            RESET_BEFORE, biased_sums!("reset" "Wn" "Un" "Bn" "Dn"), gate!(Tanh "n"),
            GRU_STATE, STORE
        ]
        plain [
            READ,
            products!("h" "Wz" "Uz"), gate!(Sigmoid "z"),
            products!("h" "Wr" "Ur"), gate!(Sigmoid "r"),
            RESET_BEFORE, products!("reset" "Wn" "Un"), gate!(Tanh "n"),
            GRU_STATE, STORE
        ]
    },
];
