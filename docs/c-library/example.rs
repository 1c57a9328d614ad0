// rustc --edition 2021 example.rs -L ../../.build/release -l LossLibrary
use std::ffi::{c_char, c_void, CStr, CString};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Text { bytes: *mut c_char, capacity: i64, count: i64 }

#[repr(C)]
struct Error { code: i32, message: Text, details: Text }

#[repr(C)]
struct Tensor {
    name: *const c_char, data: *mut c_void, element: i32, rank: i32,
    extents: *const i64, strides: *const i64,
}

#[repr(C)]
struct Value {
    data: *mut c_void, capacity: i64, element: i32, rank: i32, count: i64,
    extents: *mut i64, extents_capacity: i32,
}

#[repr(C)]
struct Call {
    size: i64, inputs: *const Tensor, input_count: i64, gradients: *const Tensor, gradient_count: i64,
    second_derivatives: *const Tensor, second_derivative_count: i64, upstream: *const Tensor,
    reduction: *const c_char, class_axis: *const i64, element: i32, threads: i32, checks: i32,
}

extern "C" {
    fn losses_make_v1(
        registry: *const c_void, name: *const c_char, options: *const c_char, reduction: *const c_char,
        class_axis: *const i64, loss: *mut *mut c_void, error: *mut Error) -> i32;
    fn losses_release_v1(loss: *mut c_void);
    fn losses_evaluate_v1(
        loss: *const c_void, call: *const Call, value: *mut Value, error: *mut Error) -> i32;
}

/// Memory for a message; the pointer in `error` stays valid as long as `bytes`.
struct Message { bytes: Vec<u8>, error: Error }

impl Message {
    fn new() -> Self {
        let mut bytes = vec![0u8; 512];
        let text = Text { bytes: bytes.as_mut_ptr().cast(), capacity: 512, count: 0 };
        Message { bytes, error: Error { code: 0, message: text, details: Text { bytes: null_mut(), capacity: 0, count: 0 } } }
    }

    fn result(&self, code: i32) -> Result<(), String> {
        if code == 0 { return Ok(()) }
        Err(CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default().to_string_lossy().into_owned())
    }
}

struct Loss(*mut c_void);

// A loss is immutable, and every function may be called from any thread.
unsafe impl Send for Loss {}
unsafe impl Sync for Loss {}

impl Drop for Loss {
    fn drop(&mut self) { unsafe { losses_release_v1(self.0) } }
}

impl Loss {
    fn new(name: &str, options: &str) -> Result<Loss, String> {
        let (name, options) = (CString::new(name).unwrap(), CString::new(options).unwrap());
        let (mut loss, mut message) = (null_mut(), Message::new());
        let code = unsafe {
            losses_make_v1(null(), name.as_ptr(), options.as_ptr(), null(), null(), &mut loss, &mut message.error)
        };
        message.result(code).map(|()| Loss(loss))
    }

    /// The value, and the gradient with respect to the prediction.
    fn value_and_gradient(&self, prediction: &[f32], target: &[f32]) -> Result<(f32, Vec<f32>), String> {
        let (mut gradient, mut value, mut message) = (vec![0f32; prediction.len()], 0f32, Message::new());
        let extents = [prediction.len() as i64, target.len() as i64];
        let tensor = |name: *const c_char, data: *const f32, extent: &i64| Tensor {
            name, data: data as *mut c_void, element: 1, rank: 1, extents: extent, strides: null(),
        };
        let inputs = [tensor(null(), prediction.as_ptr(), &extents[0]), tensor(null(), target.as_ptr(), &extents[1])];
        let wanted = tensor(c"prediction".as_ptr(), gradient.as_mut_ptr(), &extents[0]);
        let mut result = Value {
            data: (&mut value as *mut f32).cast(), capacity: 1, element: 1, rank: 0, count: 0,
            extents: null_mut(), extents_capacity: 0,
        };
        let call = Call {
            size: size_of::<Call>() as i64, inputs: inputs.as_ptr(), input_count: 2, gradients: &wanted,
            gradient_count: 1, second_derivatives: null(), second_derivative_count: 0, upstream: null(),
            reduction: null(), class_axis: null(), element: 0, threads: 1, checks: 0,
        };
        let code = unsafe { losses_evaluate_v1(self.0, &call, &mut result, &mut message.error) };
        message.result(code).map(|()| (value, gradient))
    }
}

fn main() -> Result<(), String> {
    let huber = Loss::new("huber", r#"{"delta": 0.5}"#)?;
    let (value, gradient) = huber.value_and_gradient(&[1.1, 2.0, 4.0], &[1.0, 2.0, 3.0])?;
    println!("{value}, gradient {gradient:?}");
    println!("{}", huber.value_and_gradient(&[1.0], &[1.0, 2.0]).unwrap_err());
    println!("{}", Loss::new("hubr", "{}").err().unwrap());
    Ok(())
}
