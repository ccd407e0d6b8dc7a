// The one error idiom: a value or an error_code. Exceptions stop at the call that throws them.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace weir {

using error_code = boost::system::error_code;

/// A T, or why there is none. `result<void>` for calls that only can fail.
template <class T>
using result = boost::system::result<T>;

} // namespace weir
