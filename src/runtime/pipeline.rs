//! The pipeline: a bundle's graphs on one engine, from images to codes and back.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use ndarray::{Array3, Array4, ArrayView2, ArrayView3, ArrayView4};

use super::backend::{Backend, with_engine};
use super::contract::Checked;
use super::options::EngineOptions;
use crate::bundle::{Bundle, IMAGE, Role, Sizes};
use crate::engine::{Engine, Session, Tensor, TensorView, TensorViewMut};
use crate::{Error, ErrorKind, Result, Subject};

/// A bundle on an engine. Each graph is loaded when it is first used. Usable from many threads.
pub struct Oasis {
    bundle: Bundle,
    engine: Box<dyn Engine>,
    threads: usize,
    sessions: Mutex<HashMap<Role, Arc<dyn Session>>>,
}

impl Oasis {
    /// Opens a bundle on an engine with default options.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where the engine cannot run on this machine, [`ErrorKind::Model`] where `auto` finds no
    /// engine that loads the bundle.
    pub fn open(bundle: &Bundle, backend: Backend) -> Result<Self> {
        Self::open_with(bundle, backend, &EngineOptions::default())
    }

    /// Opens a bundle on an engine. `auto` takes the first engine that loads every graph of the bundle.
    ///
    /// # Errors
    /// Those of [`Oasis::open`].
    pub fn open_with(bundle: &Bundle, backend: Backend, options: &EngineOptions) -> Result<Self> {
        with_engine(backend, options, |engine| {
            let oasis = Self { threads: options.thread_count(), ..Self::with_engine(bundle, engine)? };
            if backend == Backend::Auto {
                bundle.files().try_for_each(|(role, _)| oasis.load(role))?;
            }
            Ok(oasis)
        })
    }

    /// Opens a bundle on an engine that the caller has made.
    ///
    /// # Errors
    /// Those of the engine's check.
    pub fn with_engine(bundle: &Bundle, engine: Box<dyn Engine>) -> Result<Self> {
        let threads = engine.check()?.threads.max(1);
        Ok(Self { bundle: bundle.clone(), engine, threads, sessions: Mutex::default() })
    }

    /// The engine that runs it.
    pub fn engine(&self) -> &dyn Engine {
        self.engine.as_ref()
    }

    /// The threads that work of its own, such as drawing samples, may use.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The bundle that it runs.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The sizes of the bundle's model.
    pub fn sizes(&self) -> Sizes {
        self.bundle.sizes()
    }

    /// Loads the graph of a role, which is otherwise loaded when it is first used.
    ///
    /// # Errors
    /// Those of [`Engine::load`], and [`ErrorKind::Input`] where the bundle has no such graph.
    pub fn load(&self, role: &Role) -> Result<()> {
        self.session(role).map(drop)
    }

    /// The session of a role, loaded once.
    pub(super) fn session(&self, role: &Role) -> Result<Arc<dyn Session>> {
        let file = self.bundle.file(role)?;
        let mut sessions = self.sessions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(session) = sessions.get(role) {
            return Ok(session.clone());
        }
        let session = self.engine.load(file)?;
        let session: Arc<dyn Session> = Arc::new(Checked::new(session, self.engine.name(), role, file, self.sizes()));
        sessions.insert(role.clone(), session.clone());
        Ok(session)
    }

    /// Runs a graph of the bundle on named inputs.
    ///
    /// # Errors
    /// Those of [`Session::run`] and [`Oasis::load`], and [`ErrorKind::Model`] where the graph gives values that break its
    /// contract: NaN or infinity, codes outside 0..K, pixels outside 0..1.
    pub fn run(&self, role: &Role, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        self.session(role)?.run(inputs)
    }

    /// Runs a graph of the bundle on named inputs and writes an output into the caller's buffer.
    ///
    /// # Errors
    /// Those of [`Session::run_into`] and of [`Oasis::run`].
    pub fn run_into(
        &self,
        role: &Role,
        inputs: &[(&str, TensorView<'_>)],
        output: &str,
        buffer: TensorViewMut<'_>,
    ) -> Result<()> {
        self.session(role)?.run_into(inputs, &mut [(output, buffer)])
    }

    /// Latents `[n, D, h, w]` of images `[n, 1, 256, 256]` in 0..1.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for another shape or values outside 0..1, and those of [`Oasis::run`].
    pub fn latents(&self, images: ArrayView4<'_, f32>) -> Result<Array4<f32>> {
        let Sizes { grid: [h, w], latent_dim, .. } = self.sizes();
        let n = check_shape("image", images.shape(), &[None, Some(1), Some(IMAGE[0]), Some(IMAGE[1])])?;
        if let Some(value) = images.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(refuse("image", format!("found value {value}, expected values in 0..1")));
        }
        let inputs = [("image", TensorView::floats(&images))];
        let mut latents = Array4::zeros((n, latent_dim, h, w));
        self.run_into(&Role::Encoder, &inputs, "latents", TensorViewMut::floats(&mut latents))?;
        Ok(latents)
    }

    /// Codes `[n, h, w]` in 0..K of latents `[n, D, h, w]`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for another shape or values that are not finite, and those of [`Oasis::run`].
    pub fn quantize(&self, latents: ArrayView4<'_, f32>) -> Result<Array3<i64>> {
        if let Some(value) = latents.iter().find(|value| !value.is_finite()) {
            return Err(refuse("latents", format!("found value {value}, expected finite values")));
        }
        let Sizes { grid: [h, w], latent_dim, .. } = self.sizes();
        let n = check_shape("latents", latents.shape(), &[None, Some(latent_dim), Some(h), Some(w)])?;
        let inputs = [("latents", TensorView::floats(&latents))];
        let mut codes = Array3::zeros((n, h, w));
        self.run_into(&Role::Quantizer, &inputs, "codes", TensorViewMut::integers(&mut codes))?;
        Ok(codes)
    }

    /// Codes `[n, h, w]` of images `[n, 1, 256, 256]`.
    ///
    /// # Errors
    /// Those of [`Oasis::latents`] and [`Oasis::quantize`].
    pub fn encode(&self, images: ArrayView4<'_, f32>) -> Result<Array3<i64>> {
        self.quantize(self.latents(images)?.view())
    }

    /// Images `[n, 1, 256, 256]` in 0..1 of codes `[n, h, w]`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for another shape or codes outside 0..K, and those of [`Oasis::run`].
    pub fn decode(&self, codes: ArrayView3<'_, i64>) -> Result<Array4<f32>> {
        let n = self.check_codes(codes)?;
        let inputs = [("codes", TensorView::integers(&codes))];
        let mut images = Array4::zeros((n, 1, IMAGE[0], IMAGE[1]));
        self.run_into(&Role::Decoder, &inputs, "reconstruction", TensorViewMut::floats(&mut images))?;
        Ok(images)
    }

    /// Images `[n, 1, 256, 256]` through codes and back.
    ///
    /// # Errors
    /// Those of [`Oasis::encode`] and [`Oasis::decode`].
    pub fn reconstruct(&self, images: ArrayView4<'_, f32>) -> Result<Array4<f32>> {
        self.decode(self.encode(images)?.view())
    }

    /// Logits `[n, K, h, w]` of codes `[n, h, w]` under conditions `[n, 2]`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for other shapes, codes outside 0..K or conditions outside the vocabulary, or where the
    /// bundle has no prior; and those of [`Oasis::run`].
    pub fn prior_logits(&self, codes: ArrayView3<'_, i64>, condition: ArrayView2<'_, i64>) -> Result<Array4<f32>> {
        let Sizes { grid: [h, w], codebook_size, .. } = self.sizes();
        let n = self.check_codes(codes)?;
        check_shape("condition", condition.shape(), &[Some(n), Some(2)])?;
        let words = &self.bundle.manifest().condition;
        for row in condition.rows() {
            if !(0..=words.slice_any).contains(&row[0]) || !(0..=words.class_any).contains(&row[1]) {
                let (slice, class) = (words.slice_any, words.class_any);
                let why = format!("found {row}, expected a slice in 0..={slice} and a class in 0..={class}");
                return Err(refuse("condition", why));
            }
        }
        self.prior_pass(codes, condition, [n, codebook_size, h, w])
    }

    /// Logits `[n, K, h, w]` by one pass of the prior over inputs that have been checked; `expected` is their shape.
    pub(super) fn prior_pass(
        &self,
        codes: ArrayView3<'_, i64>,
        condition: ArrayView2<'_, i64>,
        expected: [usize; 4],
    ) -> Result<Array4<f32>> {
        let inputs = [("codes", TensorView::integers(&codes)), ("condition", TensorView::integers(&condition))];
        let mut logits = Array4::zeros(expected);
        self.run_into(&Role::Prior, &inputs, "logits", TensorViewMut::floats(&mut logits))?;
        Ok(logits)
    }

    /// Checks the shape and range of codes `[n, h, w]`, and gives n.
    pub(super) fn check_codes(&self, codes: ArrayView3<'_, i64>) -> Result<usize> {
        let Sizes { grid: [h, w], codebook_size, .. } = self.sizes();
        let n = check_shape("codes", codes.shape(), &[None, Some(h), Some(w)])?;
        match codes.iter().find(|code| !(0..codebook_size as i64).contains(*code)) {
            None => Ok(n),
            Some(code) => Err(refuse("codes", format!("found code {code}, expected 0 to {}", codebook_size - 1))),
        }
    }
}

fn refuse(tensor: &str, why: String) -> Error {
    Error::new(ErrorKind::Input, "cannot use values", Subject::tensor(tensor), why)
}

/// Checks a shape, in which `None` stands for any size but 0, and gives its first size.
pub(super) fn check_shape(tensor: &str, found: &[usize], expected: &[Option<usize>]) -> Result<usize> {
    let fits = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, size)| size.map_or(*found > 0, |size| size == *found));
    if fits {
        return Ok(found[0]);
    }
    let expected: Vec<_> = expected.iter().map(|size| size.map_or("n".to_owned(), |size| size.to_string())).collect();
    Err(refuse(tensor, format!("found shape {found:?}, expected [{}]", expected.join(", "))))
}
