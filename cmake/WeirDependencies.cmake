# Everything comes from Debian 12 packages (packaging/packages.txt); nothing is downloaded.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(RocksDB REQUIRED)
find_package(Protobuf REQUIRED)
find_package(CAF 0.17.6 REQUIRED)
find_package(PCRE2 REQUIRED)
find_package(Codecs REQUIRED)
find_package(CAres REQUIRED)

# Boost.Asio takes part in every net target: no deprecated names, header-only error codes.
set_target_properties(Boost::headers PROPERTIES INTERFACE_COMPILE_DEFINITIONS
  "BOOST_ASIO_NO_DEPRECATED;BOOST_ASIO_DISABLE_BOOST_COROUTINE")
